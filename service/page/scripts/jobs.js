/**
 * Work that takes long: handed in, followed, cancelled, its result fetched.
 *
 * A job is asked after once a second: a small request that no proxy holds back and that survives lost lines and
 * restarts of the service, where a held stream would have to be opened anew.
 */
import { call, get, lostLine, Problem, post, requestName } from "./api.js";
import { duration, number } from "./formats.js";
import { html } from "./html.js";
import { sayProblem } from "./messages.js";

/**
 * @typedef {object} Job as `GET /v1/jobs/{job}` tells it
 * @property {string} id
 * @property {string} kind
 * @property {"queued" | "running" | "done" | "failed" | "cancelled"} state
 * @property {number} done rows
 * @property {number} total rows; 0 until they are counted
 * @property {number} failures rows that could not be answered
 * @property {boolean} cancelling
 * @property {string} name of the file; "" for one on the memory
 * @property {string} created_at
 * @property {string | null} finished_at
 * @property {{code?: string, title_zh?: string, detail_zh?: string, detail?: string,
 *   errors?: {pointer?: string, detail: string, detail_zh?: string}[]} | null} problem
 * @property {number | null} [left] seconds left as far as one can see; null: not yet
 */

const PAUSE = 1000;
const HIDDEN = 3000;
const WINDOW = 20_000;

const STATES = {
  queued: "排队中",
  running: "正在处理",
  done: "已完成",
  failed: "没有办成",
  cancelled: "已取消",
};

/** Whether nothing more will happen to it. @param {Job} job */
export function ended(job) {
  return job.state === "done" || job.state === "failed" || job.state === "cancelled";
}

/**
 * Hand in a job: on a file where there is one, else on the memory.
 * @param {{kind: string, options?: Record<string, any>, filter?: Record<string, any>, file?: File}} wanted
 * @returns {Promise<Job>}
 */
export async function startJob({ kind, options = {}, filter, file }) {
  const headers = { "Idempotency-Key": requestName() };
  if (!file) return post("/v1/jobs", { kind, options, ...(filter ? { filter } : {}) }, { headers });
  const form = new FormData();
  form.set("kind", kind);
  form.set("options", JSON.stringify(options));
  form.set("file", file, file.name);
  return (await call("POST", "/v1/jobs", { form, headers })).data;
}

/**
 * Tell `seen` of a job now and whenever it has got further, until it has ended. A lost line is waited out.
 *
 * @param {string} id
 * @param {(job: Job | null, problem?: Problem) => void} seen null with the reason: there is no such job for this key
 * @returns {() => void} stops it
 */
export function followJob(id, seen) {
  let stopped = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {{at: number, done: number}[]} */
  let samples = [];

  async function look() {
    try {
      const job = /** @type {Job} */ (await get(`/v1/jobs/${id}`));
      if (stopped) return;
      const now = performance.now();
      samples = [
        ...samples.filter((sample) => now - sample.at < WINDOW && sample.done <= job.done),
        { at: now, done: job.done },
      ];
      seen({ ...job, left: secondsLeft(job, samples) });
      if (ended(job)) return;
    } catch (error) {
      if (stopped) return;
      if (!(error instanceof Problem)) throw error;
      if (!error.passing) return seen(null, error);
    }
    timer = setTimeout(() => void look(), document.hidden ? HIDDEN : PAUSE);
  }

  void look();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/**
 * Wait for the end of a job. @param {string} id @param {(job: Job) => void} [seen] is told meanwhile
 * @param {AbortSignal} [signal] follows it no longer: the job goes on
 * @returns {Promise<Job>} the job that is done
 * @throws {Problem} where it failed, was cancelled, or is not there; the AbortError of `signal`
 */
export function jobDone(id, seen = () => {}, signal) {
  return new Promise((resolve, reject) => {
    const stop = followJob(id, (job, problem) => {
      if (!job) return reject(problem);
      seen(job);
      if (job.state === "done") resolve(job);
      else if (job.state === "failed")
        reject(new Problem(job.problem ?? { detail_zh: "没有办成，原因不明。请再试一次。" }));
      else if (job.state === "cancelled") reject(new Problem({ code: "cancelled", detail_zh: "已取消。" }));
    });
    signal?.addEventListener("abort", () => {
      stop();
      reject(signal.reason);
    });
  });
}

/**
 * What a job gave, one record a row. The file may be large, so it is read as it comes.
 * @param {string} id @param {(line: string) => boolean} [wanted] which lines are worth reading
 * @returns {Promise<any[]>}
 */
export async function resultOf(id, wanted = () => true) {
  const { data } = await call("GET", `/v1/jobs/${id}/result`, { query: { format: "jsonl" }, as: "response" });
  try {
    return await recordsOf(data.body, wanted);
  } catch (error) {
    throw error instanceof TypeError ? lostLine() : error; // it broke off in the middle
  }
}

/** @param {ReadableStream<any>} body @param {(line: string) => boolean} wanted */
async function recordsOf(body, wanted) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  const records = [];
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() && wanted(line)) records.push(JSON.parse(line));
  }
  if (rest.trim() && wanted(rest)) records.push(JSON.parse(rest));
  return records;
}

/** Cancel it: at once while it waits, else before its next rows. @param {string} id */
export async function cancelJob(id) {
  try {
    await call("DELETE", `/v1/jobs/${id}`);
  } catch (error) {
    sayProblem(error);
  }
}

/**
 * How far a job is: rows, share, time left, and the way to cancel it; why it failed.
 * @param {Job} job @param {{label?: string, mayCancel?: boolean}} [options]
 */
export function progressTemplate(job, { label = "", mayCancel = true } = {}) {
  const going = !ended(job);
  const words = `${label ? `${label}：` : ""}${job.cancelling && going ? "正在取消" : STATES[job.state]}`;
  return html`<div class="progress">
    <p class="progress-words"><strong>${words}</strong> ${going ? howFar(job) : ""}</p>
    ${
      going
        ? html`<progress
          aria-label="${label || "进度"}"
          max=${job.total || 1}
          .value=${job.total ? job.done : 0}
        ></progress>`
        : ""
    }
    ${job.problem ? troubleTemplate(job.problem) : ""}
    ${
      going && mayCancel
        ? html`<p class="actions">
          <button type="button" class="button" ?disabled=${job.cancelling} @click=${() => void cancelJob(job.id)}>取消</button>
        </p>`
        : ""
    }
    <p class="visually-hidden" role="status">${spoken(job, words)}</p>
  </div>`;
}

/** Why something failed, with the lines that are to be mended. @param {NonNullable<Job["problem"]>} problem */
export function troubleTemplate(problem) {
  const errors = problem.errors ?? [];
  return html`<div class="trouble" role="alert">
    <p>${problem.detail_zh || problem.title_zh || problem.detail || "原因不明。"}</p>
    ${errors.length ? html`<ul>${errors.map((one) => html`<li>${placed(one)}</li>`)}</ul>` : ""}
  </div>`;
}

/** A finding with its line, as a clerk finds it in the file. @param {{pointer?: string, detail: string, detail_zh?: string}} finding */
export function placed({ pointer = "", detail, detail_zh = "" }) {
  const [, kind, at] = /^#\/(lines|cells)\/(.+)/.exec(pointer) ?? [];
  const words = detail_zh || detail;
  if (!at || words.includes(at)) return words;
  return kind === "lines" ? `第${at}行：${words}` : `${at}格：${words}`;
}

/** @param {Job} job */
function howFar(job) {
  if (job.state === "queued") return "前面的做完就轮到它。";
  if (!job.total) return "正在读取……";
  const left = job.left ? `，还要${duration(job.left)}` : "";
  return `${number(job.done)}／${number(job.total)}件（${Math.floor((job.done / job.total) * 100)}%）${left}`;
}

/** What a screen reader hears: the state and each tenth, not every row. @param {Job} job @param {string} words */
function spoken(job, words) {
  const tenth = job.total ? Math.floor((job.done / job.total) * 10) * 10 : 0;
  return job.state === "running" && tenth ? `${words}，${tenth}%` : words;
}

/** @param {Job} job @param {{at: number, done: number}[]} samples @returns {number | null} */
function secondsLeft(job, samples) {
  const first = samples[0];
  const last = samples[samples.length - 1];
  if (!job.total || job.state !== "running" || last.done <= first.done) return null;
  const perSecond = ((last.done - first.done) / (last.at - first.at)) * 1000;
  return (job.total - job.done) / perSecond;
}
