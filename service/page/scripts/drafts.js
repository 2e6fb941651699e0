/**
 * What the clerk has typed and not yet handed in. It outlives a reload, a lost connection and a restart of the service,
 * and goes when it is handed in. It stays in this browser and belongs to the key that typed it.
 */
import { owner } from "./session.js";

const PREFIX = "triage.draft.";

/** @param {string} name */
function place(name) {
  return `${PREFIX}${owner()}.${name}`;
}

/** Keep `value` (plain JSON); null forgets it. @param {string} name @param {any} value */
export function keepDraft(name, value) {
  try {
    if (value === null) localStorage.removeItem(place(name));
    else localStorage.setItem(place(name), JSON.stringify(value));
    return true;
  } catch {
    return false; // the browser's storage is full or closed: the page goes on, and says so where it matters
  }
}

/** What was kept, or null. @param {string} name @returns {any} */
export function draft(name) {
  try {
    return JSON.parse(localStorage.getItem(place(name)) ?? "null");
  } catch {
    return null;
  }
}

/** The names of what is kept and begins like this. @param {string} start @returns {string[]} */
export function draftNames(start) {
  const from = place(start);
  const found = [];
  try {
    for (let at = 0; at < localStorage.length; at += 1) {
      const name = localStorage.key(at);
      if (name?.startsWith(from)) found.push(start + name.slice(from.length));
    }
  } catch {
    return [];
  }
  return found.sort();
}
