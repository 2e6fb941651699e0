/**
 * The last decision about each suggestion that was made on this page. Each undo makes another one, so an earlier undo goes
 * on from that, also where one was made on a list and the other beside the text.
 */

/** @type {Map<string, number>} */
const made = new Map();

/** @param {string} id @param {number} number */
export function noteMade(id, number) {
  made.set(id, number);
}

/** The number of the last decision about it that was made here. @param {string} id */
export function madeHere(id) {
  return made.get(id);
}

/** What counts from now on is what the clerk sees. @param {string} id */
export function forgetMade(id) {
  made.delete(id);
}
