/** A text with marks in it: duty words, deciding words, places, findings, phrases that two texts share. */
import { html, nothing } from "../html.js";

/** @typedef {{field: string, start: number, end: number}} Span in characters as Unicode counts them, `end` past the last */
/** @typedef {{kind: string, span: Span, note?: string}} Mark `kind` is a class; `note`: the number of the remark on it */

/**
 * One field of a suggestion with the marks on it. Where marks lie over each other, the piece has the classes of all.
 *
 * @param {string} text @param {string} field which spans are meant: `title` or `text` @param {Mark[]} marks
 */
export function markedTemplate(text, field, marks) {
  const at = placesIn(text);
  const here = marks
    .filter(({ span }) => span.field === field)
    .map((mark) => ({ ...mark, start: at(mark.span.start), end: at(mark.span.end) }))
    .filter(({ start, end }) => start < end);
  if (!here.length) return text;
  const edges = new Set([0, text.length, ...here.flatMap(({ start, end }) => [start, end])]);
  const cuts = Array.from(edges).sort((one, other) => one - other);
  return cuts.slice(1).map((to, place) => {
    const from = cuts[place];
    const over = here.filter(({ start, end }) => start <= from && end >= to);
    const words = text.slice(from, to);
    if (!over.length) return words;
    const kinds = Array.from(new Set(over.map(({ kind }) => kind))).join(" ");
    const notes = over.flatMap(({ note, end }) => (note && end === to ? [note] : [])).join(" ");
    return html`<mark class=${kinds} data-note=${notes || nothing}>${words}</mark>`;
  });
}

/** Marks on each place where a text holds these words. @param {string} kind @param {Record<string, string>} fields
 * @param {string[]} words @returns {Mark[]} */
export function marksOf(kind, fields, words) {
  return Object.entries(fields).flatMap(([field, text]) =>
    words.flatMap((word) => {
      const from = word ? text.indexOf(word) : -1;
      if (from < 0) return [];
      const start = Array.from(text.slice(0, from)).length;
      return [{ kind, span: { field, start, end: start + Array.from(word).length } }];
    }),
  );
}

/** From characters to JavaScript's own places, which count some rare characters twice. @param {string} text */
function placesIn(text) {
  if (!/[\ud800-\udfff]/.test(text)) return (/** @type {number} */ at) => Math.min(at, text.length);
  const places = [0];
  for (const character of text) places.push(places[places.length - 1] + character.length);
  return (/** @type {number} */ at) => places[Math.min(at, places.length - 1)];
}
