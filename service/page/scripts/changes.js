/**
 * What others do meanwhile: two clerks at once see each other's decisions.
 *
 * The service is asked every two seconds while the page is looked at, and every half minute while it is not.
 */
import { get, Problem } from "./api.js";

/** @typedef {{number: number, at: string, action: string, suggestion: string, by: string, decision: number | null}} Change */

const LOOKING = 2000;
const AWAY = 30_000;

/** @type {Set<(changes: Change[]) => void>} */
const listeners = new Set();
/** @type {number | null} */
let last = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** @type {AbortController | null} */
let asking = null;
let running = false;

/** Be told of changes as they come. @param {(changes: Change[]) => void} listener @returns {() => void} stops it */
export function onChanges(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Begin to follow. */
export function follow() {
  if (running) return;
  running = true;
  document.addEventListener("visibilitychange", lookAgain);
  void look();
}

/** Stop, because nobody is signed in. */
export function unfollow() {
  running = false;
  document.removeEventListener("visibilitychange", lookAgain);
  last = null;
  asking?.abort();
  clearTimeout(timer);
}

function lookAgain() {
  if (!document.hidden) void look();
}

async function look() {
  clearTimeout(timer);
  if (!running) return;
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  try {
    const found = await get("/v1/changes", { query: { after: last ?? undefined }, signal: mine.signal });
    if (mine.signal.aborted) return;
    last = found.last;
    if (found.changes.length) for (const listener of listeners) listener(found.changes);
  } catch (error) {
    if (mine.signal.aborted) return;
    if (!(error instanceof Problem)) throw error;
    // the page says by itself that the service is away; what was missed comes with the next answer
  } finally {
    if (running && !mine.signal.aborted)
      timer = setTimeout(() => void look(), document.hidden ? AWAY : LOOKING);
  }
}
