/**
 * The tables of a catalogue, edited a cell at a time: what was not touched stays as it was, character by character, also
 * columns that nobody knows, blank lines and the way in which somebody's program put its quotes.
 */

/** @typedef {{cells: string[], raw: string | null, line: number}} Row `raw`: as it stands in the file; null: to be written anew */
/**
 * @typedef {object} Table
 * @property {string} mark what stands at the very front (a byte order mark)
 * @property {Row[]} rows the header is the first one that is not blank
 * @property {number} head its place; -1 where there is none
 * @property {Record<string, number>} columns English name → place
 * @property {boolean} broken a quote was opened and never closed: only the text itself can be mended
 */

const LISTS = /[;；]/;

/**
 * Read a table. @param {string} text @param {Record<string, string[]>} known the columns' English and Chinese names
 * @returns {Table}
 */
export function readTable(text, known) {
  const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
  const { rows, broken } = split(text.slice(mark.length));
  const head = rows.findIndex((row) => !blank(row));
  /** @type {Record<string, number>} */
  const columns = {};
  for (const [name, others] of Object.entries(known)) {
    const names = [name, ...others];
    const place = (rows[head]?.cells ?? []).findIndex((cell) =>
      names.includes(cell.trim().toLowerCase().replaceAll(" ", "_")),
    );
    if (place >= 0) columns[name] = place;
  }
  return { mark, rows, head, columns, broken };
}

/** The table as a text. @param {Table} table */
export function writeTable({ mark, rows }) {
  const newline = rows.find((row) => row.raw?.endsWith("\n"))?.raw?.endsWith("\r\n") ? "\r\n" : "\n";
  const lines = rows.map((row, place) => {
    const line = row.raw ?? row.cells.map(quoted).join(",") + newline;
    return place < rows.length - 1 && !line.endsWith("\n") ? line + newline : line;
  });
  return mark + lines.join("");
}

/** The rows below the header. @param {Table} table */
export function records(table) {
  return table.rows.slice(table.head + 1).filter((row) => !blank(row));
}

/** A cell, without the blanks around it; "" where the table has no such column. @param {Table} table @param {Row} row @param {string} column */
export function cell(table, row, column) {
  return (row.cells[table.columns[column]] ?? "").trim();
}

/** The values of a cell that holds several. @param {string} value */
export function several(value) {
  return [...new Set(value.split(LISTS).map((part) => part.trim()))].filter(Boolean);
}

/** Several values as a cell, parted as it was parted before. @param {string[]} values @param {string} [before] */
export function joined(values, before = "") {
  return [...new Set(values.map((value) => value.trim()).filter(Boolean))].join(
    before.includes("；") && !before.includes(";") ? "；" : ";",
  );
}

/**
 * Set a cell; a column that the table lacks is added. @param {Table} table @param {Row} row @param {string} column
 * @param {string} value @param {Record<string, string[]>} known
 */
export function setCell(table, row, column, value, known) {
  if (cell(table, row, column) === value) return;
  if (!(column in table.columns)) {
    const head = table.rows[table.head];
    const chinese = head.cells.some((name) => /[\u4e00-\u9fff]/.test(name));
    table.columns[column] = head.cells.length;
    head.cells.push(chinese ? known[column][0] : column);
    head.raw = null;
  }
  while (row.cells.length <= table.columns[column]) row.cells.push("");
  row.cells[table.columns[column]] = value;
  row.raw = null;
}

/** Add a row at the end. @param {Table} table @param {Record<string, string>} values @param {Record<string, string[]>} known */
export function addRow(table, values, known) {
  const row = { cells: [], raw: null, line: 0 };
  table.rows.push(row);
  for (const [column, value] of Object.entries(values)) setCell(table, row, column, value, known);
  return row;
}

/** Which rows came, went and say something else, by their key. @param {Table} before @param {Table} after @param {string} key */
export function differing(before, after, key) {
  const old = new Map(records(before).map((row) => [cell(before, row, key), row]));
  const now = new Map(records(after).map((row) => [cell(after, row, key), row]));
  const columns = [...new Set([...Object.keys(before.columns), ...Object.keys(after.columns)])];
  const changed = [];
  for (const [name, row] of now) {
    const was = old.get(name);
    if (!was) continue;
    const cells = columns
      .map((column) => ({ column, before: cell(before, was, column), after: cell(after, row, column) }))
      .filter((one) => one.before !== one.after);
    if (cells.length) changed.push({ key: name, cells });
  }
  return {
    added: [...now.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !now.has(name)),
    changed,
  };
}

/** @param {Row} row */
function blank(row) {
  return row.cells.every((value) => !value.trim());
}

/** @param {string} value */
function quoted(value) {
  return /[",\r\n]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** Records of a text, each with what it looked like. @param {string} text @returns {{rows: Row[], broken: boolean}} */
function split(text) {
  /** @type {Row[]} */
  const rows = [];
  let at = 0;
  let line = 1;
  let inside = false;
  while (at < text.length) {
    const start = at;
    /** @type {string[]} */
    const cells = [];
    let value = "";
    let fresh = true;
    for (; at < text.length; at += 1) {
      const sign = text[at];
      if (inside) {
        if (sign !== '"') value += sign;
        else if (text[at + 1] === '"') {
          value += '"';
          at += 1;
        } else inside = false;
      } else if (sign === '"' && fresh) {
        inside = true;
        fresh = false;
      } else if (sign === ",") {
        cells.push(value);
        value = "";
        fresh = true;
      } else if (sign === "\n" || sign === "\r") {
        at += sign === "\r" && text[at + 1] === "\n" ? 2 : 1;
        break;
      } else {
        value += sign;
        fresh = false;
      }
    }
    const raw = text.slice(start, at);
    rows.push({ cells: [...cells, value], raw, line });
    line += raw.split(/\r\n|\n|\r/).length - 1;
  }
  return { rows, broken: inside };
}
