/**
 * The public interface of the service, as this page asks it. Every answer comes from here.
 *
 * A refusal is thrown as a `Problem`, which speaks Chinese to the clerk.
 */

/** What the service, or the way to it, refused. `message` is a sentence for the clerk. */
export class Problem extends Error {
  /**
   * @param {{code?: string, title_zh?: string, detail_zh?: string, detail?: string, status?: number,
   *   current?: any, errors?: {pointer?: string, detail: string, detail_zh?: string}[]}} document
   */
  constructor(document) {
    super(document.detail_zh || document.title_zh || document.detail || "服务没有说明原因。");
    this.name = "Problem";
    this.code = document.code ?? "unknown";
    this.title = document.title_zh ?? "";
    this.status = document.status ?? 0;
    /** What stands now, where somebody else was quicker. */
    this.current = document.current;
    this.errors = document.errors ?? [];
  }

  /** Whether the same request may work later: nobody refused it, it only did not get through. */
  get passing() {
    return this.code === "offline" || [429, 502, 503, 504].includes(this.status);
  }
}

const OFFLINE = {
  code: "offline",
  title_zh: "连不上服务",
  detail_zh: "连不上服务。请检查网络；您写的都还在，恢复后会自动接着来。",
};

const AGAIN = 2000;

let key = "";
/** @type {(state: boolean) => void} */
let whenReached = () => {};
/** @type {() => void} */
let whenSignedOut = () => {};

/** What is told of an answer that did not arrive, or not whole. */
export function lostLine() {
  return new Problem(OFFLINE);
}

/** Use this key from now on; "" for none. @param {string} next */
export function useKey(next) {
  key = next;
}

/**
 * Who is told whether the service could be reached, and that the key is no longer taken.
 * @param {{reached?: (state: boolean) => void, signedOut?: () => void}} listeners
 */
export function listen({ reached, signedOut }) {
  whenReached = reached ?? whenReached;
  whenSignedOut = signedOut ?? whenSignedOut;
}

/**
 * Ask the service.
 *
 * @param {string} method
 * @param {string} path such as "/v1/suggestions"; encode parts with `encodeURIComponent`
 * @param {{query?: Record<string, any>, body?: any, form?: FormData, headers?: Record<string, string>,
 *   signal?: AbortSignal, as?: "json" | "blob" | "response"}} [options] a list in `query` is sent as several
 *   parameters, what is empty is left out
 * @returns {Promise<{data: any, etag: string, status: number, headers: Headers}>}
 * @throws {Problem} or the AbortError of `signal`
 */
export async function call(method, path, { query, body, form, headers, signal, as = "json" } = {}) {
  const sent = new Headers(headers);
  if (key) sent.set("Authorization", `Bearer ${key}`);
  if (body !== undefined) sent.set("Content-Type", "application/json");
  try {
    const payload = form ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(path + queryOf(query), {
      method,
      headers: sent,
      body: payload,
      signal,
      cache: "no-store",
    });
    if (!response.ok && response.status !== 304) throw await refused(response);
    const data = as === "response" ? response : await contentOf(response, as);
    whenReached(true);
    return {
      data,
      etag: response.headers.get("ETag") ?? "",
      status: response.status,
      headers: response.headers,
    };
  } catch (error) {
    if (error instanceof Problem) whenReached(error.status !== 502 && error.status !== 504);
    if (error instanceof Problem || (error instanceof DOMException && error.name === "AbortError"))
      throw error;
    whenReached(false); // no answer, half an answer, or one that is not the service's
    throw lostLine();
  }
}

/** The data of a GET. @param {string} path @param {Parameters<typeof call>[2]} [options] */
export async function get(path, options) {
  return (await call("GET", path, options)).data;
}

/**
 * Ask, and ask again while the service cannot be reached; only for what is read.
 * @template T @param {() => Promise<T>} ask @param {AbortSignal} signal gives it up @returns {Promise<T>}
 * @throws {Problem} where it is refused, or the AbortError of `signal`
 */
export async function patiently(ask, signal) {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Problem && error.passing)) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
      signal.throwIfAborted();
    }
  }
}

/** The data of a POST. @param {string} path @param {any} [body] @param {Parameters<typeof call>[2]} [options] */
export async function post(path, body, options) {
  return (await call("POST", path, { body, ...options })).data;
}

/**
 * Save what the service answers as a file of the clerk's.
 * @param {string} method @param {string} path @param {string} name @param {Parameters<typeof call>[2]} [options]
 */
export async function download(method, path, name, options) {
  const { data } = await call(method, path, { ...options, as: "blob" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(data);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A name of its own for a request that writes (`Idempotency-Key`); also where the page came without TLS. */
export function requestName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

/** @param {Record<string, any> | undefined} query */
function queryOf(query) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") parameters.append(name, String(one));
    }
  }
  const text = parameters.toString();
  return text ? `?${text}` : "";
}

/** @param {Response} response @param {"json" | "blob"} as */
async function contentOf(response, as) {
  if (as === "blob") return response.blob();
  if (response.status === 204 || response.status === 304) return null;
  return response.json();
}

/** @param {Response} response */
async function refused(response) {
  let document = {};
  try {
    document = await response.json();
  } catch {
    // a proxy's own page; its status is all we can tell
    document = { detail_zh: `服务答复异常（${response.status}）。请稍后再试；仍然不行，请找管理员。` };
  }
  const problem = new Problem({ ...document, status: response.status });
  if (response.status === 401) whenSignedOut();
  return problem;
}
