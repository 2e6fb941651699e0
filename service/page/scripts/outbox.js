/**
 * What the clerk has decided leaves this browser once and only once, however bad the line is.
 *
 * A request is written down before it is sent, with an `Idempotency-Key`, and stays written down until the service has
 * answered. What did not get through is sent again by itself, in order, also after a reload or a restart of either side.
 */
import { call, Problem, requestName } from "./api.js";
import { owner } from "./session.js";

const PAUSES = [1000, 2000, 4000, 8000];

/**
 * @typedef {object} Written
 * @property {string} id its Idempotency-Key
 * @property {string} method
 * @property {string} path
 * @property {any} body
 * @property {Record<string, string>} headers
 * @property {string} label what it does, for the clerk: "交办 RD2025-031"
 * @property {string} [chain] what it belongs to: where one of a chain is refused, those after it are not sent
 */

/** @type {Map<string, {resolve: (value: any) => void, reject: (error: any) => void}>} */
const callers = new Map();
/** @type {Set<() => void>} */
const watchers = new Set();
/** @type {(label: string, problem: Problem | null) => void} */
let tellLate = () => {};
let busy = false;
let more = false;
let tries = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

function place() {
  return `triage.outbox.${owner()}.`;
}

/**
 * The names under which requests are written down, in the order in which they are sent. Each has a name of its own, so that
 * writing one down takes as long as it is large, however many wait; and two tabs never write over each other.
 */
function names() {
  const found = [];
  try {
    for (let at = 0; at < localStorage.length; at += 1) {
      const name = localStorage.key(at); // `Object.keys` would read what is written there, too
      if (name?.startsWith(place())) found.push(name);
    }
  } catch {
    return []; // the browser keeps nothing
  }
  return found.sort();
}

/** @param {string} name @returns {Written | null} null: another tab was quicker, or it is not ours */
function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null");
  } catch {
    return null;
  }
}

/** @param {Written[]} entries all or, where the browser's storage is full, none */
function write(entries) {
  const last = names().at(-1)?.slice(place().length).split(".")[0] ?? "0";
  const from = Math.max(Date.now() * 1000, Number.parseInt(last, 36) + 1); // also where the clock was put back
  const taken = entries.map(
    ({ id }, order) => `${place()}${(from + order).toString(36).padStart(11, "0")}.${id}`,
  );
  try {
    for (const [order, name] of taken.entries()) localStorage.setItem(name, JSON.stringify(entries[order]));
  } catch (error) {
    for (const name of taken) localStorage.removeItem(name);
    throw error;
  }
  tell();
}

/** @param {string} name */
function forget(name) {
  localStorage.removeItem(name);
  tell();
}

function tell() {
  for (const watcher of watchers) watcher();
}

/** How many requests still wait to be answered. */
export function waiting() {
  return names().length;
}

/** Call `watcher` whenever that number may have changed. @param {() => void} watcher @returns {() => void} stops it */
export function watch(watcher) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/**
 * Send a request that changes something. Resolves with what the service answered, as `call`; if the page is left before,
 * `late` of `resume` is told instead.
 *
 * @param {{method: string, path: string, body?: any, headers?: Record<string, string>, label: string}} request
 * @returns {Promise<{data: any, etag: string}>}
 * @throws {Problem} where the service refused it; a lost line is no refusal, it waits
 */
export function send(request) {
  return sendChain([request])[0];
}

/**
 * Send requests of which each needs the one before: where one is refused, those after it are not sent, and fail with the
 * same Problem. They are written down together, so a reload in between loses none.
 *
 * @param {Parameters<typeof send>[0][]} requests
 * @returns {Promise<{data: any, etag: string}>[]} one for each
 */
export function sendChain(requests) {
  const chain = requestName();
  const entries = requests.map((request) => ({
    headers: {},
    body: undefined,
    ...request,
    id: requestName(),
    chain,
  }));
  const answers = entries.map(
    ({ id }) => new Promise((resolve, reject) => callers.set(id, { resolve, reject })),
  );
  try {
    write(entries);
  } catch {
    return sendUnwritten(entries); // the browser keeps nothing: send at once, and let the clerk see what goes wrong
  }
  void flush();
  return answers;
}

/** @param {Written[]} entries */
function sendUnwritten(entries) {
  /** @type {Promise<any>} */
  let before = Promise.resolve();
  return entries.map(({ id, method, path, body, headers }) => {
    callers.delete(id);
    before = before.then(() => call(method, path, { body, headers: { ...headers, "Idempotency-Key": id } }));
    return before;
  });
}

/**
 * Send what an earlier visit left behind. @param {(label: string, problem: Problem | null) => void} late is told of each
 */
export function resume(late) {
  tellLate = late;
  void flush();
}

/** Try at once, because the service answers again. */
export function retry() {
  clearTimeout(timer);
  tries = 0;
  void flush();
}

async function flush() {
  more = true;
  if (busy) return;
  busy = true;
  more = false;
  try {
    if (navigator.locks) await navigator.locks.request(place(), sendAll);
    else await sendAll(); // no lock without TLS: two tabs may both send, which the Idempotency-Key makes one
  } finally {
    busy = false;
    if (more) void flush(); // something was written down after the last look and before the lock was given back
  }
}

async function sendAll() {
  for (let name = names()[0]; name; name = names()[0]) {
    const entry = read(name);
    if (!entry) {
      forget(name);
      continue;
    }
    const outcome = await sent(entry);
    if (outcome === null) {
      timer = setTimeout(() => void flush(), PAUSES[Math.min(tries++, PAUSES.length - 1)]);
      return;
    }
    tries = 0;
    forget(name);
    settle(entry, outcome, true);
    if (outcome instanceof Problem && entry.chain) giveUp(entry.chain, outcome);
  }
}

/** What came after a refused one of its chain is not sent. @param {string} chain @param {Problem} refused */
function giveUp(chain, refused) {
  for (const name of names()) {
    const entry = read(name);
    if (entry?.chain !== chain) continue;
    forget(name);
    settle(entry, refused, false);
  }
}

/** @param {Written} entry @returns {Promise<any>} what the service answered or its Problem; null: try again */
async function sent(entry) {
  const { id, method, path, body, headers } = entry;
  try {
    return await call(method, path, { body, headers: { ...headers, "Idempotency-Key": id } });
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem({ detail_zh: String(error) });
    if (problem.passing || problem.status === 401 || problem.code === "idempotency-in-flight") return null;
    return problem;
  }
}

/** @param {Written} entry @param {any} outcome @param {boolean} sent whether it was sent at all */
function settle(entry, outcome, sent) {
  const caller = callers.get(entry.id);
  callers.delete(entry.id);
  const problem = outcome instanceof Problem ? outcome : null;
  if (!caller && sent) tellLate(entry.label, problem);
  if (!caller) return;
  if (problem) caller.reject(problem);
  else caller.resolve(outcome);
}
