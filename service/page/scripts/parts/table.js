/**
 * A table of figures as an office reads it: a caption, columns that can be put in order, and the way into Excel.
 *
 * What may stand in it is what the service's reports hold: `rows` of plain values, null where nothing can be told, and
 * for each cell the suggestions that it counts.
 */
import { download } from "../api.js";
import { day, number, share } from "../formats.js";
import { html, repeat } from "../html.js";
import { sayProblem } from "../messages.js";
import { address } from "../router.js";

/** @typedef {string | number | null} Cell */
/** @typedef {"text" | "count" | "share" | "score" | "day"} Form how a column is written; the cell of a share is 0.25 */
/**
 * @typedef {object} Table
 * @property {string} title its caption
 * @property {string[]} header
 * @property {Cell[][]} rows
 * @property {Form[]} [forms] one a column; left out: text
 * @property {(string | string[] | null | undefined)[][]} [links] of the shape of `rows`: an address of this page, or the
 *   ids of the suggestions behind the cell
 * @property {string} [note] a line below
 * @property {string} [name] tells this table from the others of a view, and names the file; left out: the title
 */

/** Rows that are drawn at first; the others on demand, and all of them in the file. */
const SHOWN = 100;
const MORE = 500;
/** What one workbook of the service holds. */
const LARGEST = { rows: 20_000, cells: 200_000 };
const MOST_TABLES = 29;

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** @type {Map<string, {column: number, down: boolean}>} */
const orders = new Map();
/** @type {Map<string, number>} */
const lengths = new Map();

/** A cell as it is read. @param {Cell | undefined} cell @param {Form} [form] @returns {string} */
export function written(cell, form = "text") {
  if (cell === null || cell === undefined) return "—";
  if (typeof cell === "string") return form === "day" || DAY.test(cell) ? day(cell) || cell : cell;
  if (form === "share") return share(cell);
  if (form === "score") return cell.toFixed(1);
  return number(cell);
}

/**
 * A table with its caption and its button for Excel.
 *
 * @param {Table & {draw?: () => void, onRows?: (ids: string[], label: string) => void, excel?: boolean,
 *   empty?: string, first?: number, cell?: (row: number, column: number) => any}} table `draw`: with it columns can be put
 *   in order; `onRows` shows the suggestions behind a number; `empty`: what would stand here; `cell`: a template of its own for a
 *   cell (row counted as in `rows`), undefined for the usual one; `first`: rows that are drawn at first
 */
export function tableTemplate(table) {
  const { title, rows, note = "", name = title, draw, excel = true, empty = "", first = SHOWN } = table;
  if (!rows.length && empty) return html`<p class="empty">${empty}</p>`;
  const places = ordered(table);
  const shown = places.slice(0, lengths.get(name) ?? (draw ? first : rows.length));
  return html`<div class="table">
    <div class="scroll" tabindex="0" role="region" aria-label=${title}>
      <table>
        <caption>${title}</caption>
        <thead>
          <tr>${table.header.map((label, column) => headTemplate(table, label, column))}</tr>
        </thead>
        <tbody>
          ${repeat(
            shown,
            (row) => row,
            (row) => html`<tr>${rows[row].map((_, column) => cellTemplate(table, row, column))}</tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${note ? html`<p class="hint">${note}</p>` : ""}
    ${
      places.length > shown.length
        ? html`<p class="hint">显示前${number(shown.length)}行，共${number(places.length)}行；Excel 里有全部。</p>`
        : ""
    }
    <p class="actions">
      ${excel ? html`<button type="button" class="button" @click=${() => void excelOf(title, [table])}>下载 Excel</button>` : ""}
      ${
        draw && places.length > shown.length
          ? html`<button type="button" class="button" @click=${() => lengthen(name, shown.length, draw)}>
            再显示${number(Math.min(MORE, places.length - shown.length))}行（共${number(places.length)}行）
          </button>`
          : ""
      }
    </p>
  </div>`;
}

/**
 * Save tables as one workbook, a sheet each; notes stand on a sheet of their own.
 * @param {string} title also the name of the file @param {Table[]} tables @param {string} [note]
 */
export async function excelOf(title, tables, note = "") {
  let room = LARGEST;
  const notes = note ? [note] : [];
  const sheets = tables.slice(0, MOST_TABLES).map((table) => {
    const most = Math.min(room.rows, Math.floor(room.cells / table.header.length));
    const rows = table.rows.slice(0, most);
    room = { rows: room.rows - rows.length, cells: room.cells - rows.length * table.header.length };
    if (table.note) notes.push(`${table.title}：${table.note}`);
    if (rows.length < table.rows.length)
      notes.push(`${table.title}：只有前${rows.length}行，共${table.rows.length}行。请缩小范围再下载。`);
    return sheet({ ...table, rows });
  });
  const body = { title: title.slice(0, 200), tables: sheets, note: notes.join("\n").slice(0, 5000) };
  try {
    const name = title.replace(/[\\/:*?"<>|]/g, " ").trim();
    await download("POST", "/v1/workbook", `${name}.xlsx`, { body });
  } catch (error) {
    sayProblem(error);
  }
}

/** A table as the service takes it: shares in per cent, so that Excel can go on counting. @param {Table} table */
function sheet({ title, header, rows, forms = [] }) {
  const heads = header.map((label, column) => (forms[column] === "share" ? `${label}（%）` : label));
  const told = (/** @type {Cell} */ cell, /** @type {number} */ column) => {
    if (typeof cell === "number") return forms[column] === "share" ? Math.round(cell * 1000) / 10 : cell;
    return cell === null ? "" : written(cell, forms[column]);
  };
  return { title: title.slice(0, 200), header: heads, rows: rows.map((row) => row.map(told)) };
}

/** The rows in the order that was asked for. @param {Table} table @returns {number[]} */
function ordered({ title, name = title, rows }) {
  const places = rows.map((_, place) => place);
  const order = orders.get(name);
  if (!order) return places;
  const sign = order.down ? -1 : 1;
  return places.sort((one, other) => {
    const [here, there] = [rows[one][order.column], rows[other][order.column]];
    if (here === there) return one - other;
    if (here === null || here === "") return 1; // what cannot be told stands last, whichever way
    if (there === null || there === "") return -1;
    if (typeof here === "number" && typeof there === "number") return sign * (here - there);
    return sign * String(here).localeCompare(String(there), "zh-CN", { numeric: true });
  });
}

/** @param {Parameters<typeof tableTemplate>[0]} table @param {string} label @param {number} column */
function headTemplate({ title, name = title, forms = [], rows, draw }, label, column) {
  const order = orders.get(name);
  const mine = order?.column === column;
  const number = isNumber(forms[column]);
  if (!draw || rows.length < 2) return html`<th scope="col" class=${number ? "number" : ""}>${label}</th>`;
  const turn = () => {
    const down = mine ? !order.down : number;
    if (mine && down === number) orders.delete(name);
    else orders.set(name, { column, down });
    draw();
  };
  return html`<th scope="col" class=${number ? "number" : ""} aria-sort=${mine ? (order.down ? "descending" : "ascending") : "none"}>
    <button type="button" class="table-order" @click=${turn}>
      <span class="table-label">${label}</span><span aria-hidden="true">${mine ? (order.down ? "▼" : "▲") : ""}</span>
    </button>
  </th>`;
}

/** @param {Parameters<typeof tableTemplate>[0]} table @param {number} row @param {number} column */
function cellTemplate(table, row, column) {
  const form = table.forms?.[column] ?? "text";
  const text =
    table.cell?.(row, column) ?? linked(table, row, column, written(table.rows[row][column], form));
  if (column === 0) return html`<th scope="row" class=${isNumber(form) ? "number" : ""}>${text}</th>`;
  return html`<td class=${isNumber(form) ? "number" : ""}>${text}</td>`;
}

/** @param {Parameters<typeof tableTemplate>[0]} table @param {number} row @param {number} column @param {string} text */
function linked({ links, header, rows, onRows }, row, column, text) {
  const link = links?.[row]?.[column];
  if (!link?.length || text === "—") return text;
  if (typeof link === "string") return html`<a href=${link}>${text}</a>`;
  if (link.length === 1) return html`<a href=${address("one", link)}>${text}</a>`;
  if (!onRows) return text;
  const label = `${written(rows[row][0])} · ${header[column]}`;
  return html`<button type="button" class="table-number" aria-label="${text}，列出这些建议" @click=${() => onRows(link, label)}>${text}</button>`;
}

/** @param {Form | undefined} form */
function isNumber(form) {
  return form === "count" || form === "share" || form === "score";
}

/** @param {string} name @param {number} shown @param {() => void} draw */
function lengthen(name, shown, draw) {
  lengths.set(name, shown + MORE);
  draw();
}
