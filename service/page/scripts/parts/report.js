/**
 * A report of the office as the library makes it: sentences whose numbers lead to the suggestions they count, tables,
 * pictures, what could not be told, and what brings it out again.
 */
import { html } from "../html.js";
import { address } from "../router.js";
import { chartTemplate } from "./chart.js";
import { showTable } from "./rows-window.js";
import { excelOf, tableTemplate } from "./table.js";

/**
 * @typedef {{text: string, links: {start: number, end: number, rows: string[]}[], notice: boolean}} Sentence
 * @typedef {import("./table.js").Table & {links: string[][][], forms: import("./table.js").Form[], note: string}} ReportTable
 * @typedef {import("./chart.js").Chart} ReportChart
 * @typedef {{title: string, sentences: Sentence[], tables: ReportTable[], charts: ReportChart[]}} Section
 * @typedef {object} Report
 * @property {string} kind
 * @property {string} title
 * @property {string} office
 * @property {{first: string | null, last: string | null, words: string}} period
 * @property {Section[]} sections
 * @property {string[]} footer
 * @property {boolean} [plain] its numbers came without the suggestions that they count
 * @property {ReportTable} rows the suggestions that numbers link to; its first column is the id
 */

/** Columns of a table that still stands beside its picture. */
const NARROW = 4;

/**
 * The whole report. @param {Report} report @param {{draw: () => void, actions?: any}} options `actions`: buttons beside
 *   its own
 */
export function reportTemplate(report, { draw, actions = "" }) {
  const open = (/** @type {string[]} */ ids, /** @type {string} */ label) =>
    showTable(label, chosen(report, ids));
  const tables = report.sections.flatMap((section) => section.tables);
  const all = report.rows.rows.length ? [...tables, report.rows] : tables;
  return html`<article class="report">
    <header class="row">
      <h2>${report.title}</h2>
      ${actions}
      ${
        tables.length > 1
          ? html`<button type="button" class="button" @click=${() => void excelOf(report.title, all)}>全部表格下载 Excel</button>`
          : ""
      }
    </header>
    ${report.plain ? html`<p class="hint">件数很多，数字没有带上所计的建议；把时段缩短到5,000件以内就可以点开。</p>` : ""}
    ${report.sections.map((section) => sectionTemplate(section, report, open, draw))}
    ${
      report.rows.rows.length
        ? html`<details class="card no-print">
          <summary>${report.rows.title}（${report.rows.rows.length}件）</summary>
          ${tableTemplate({ ...report.rows, links: report.rows.rows.map(([id]) => [[String(id)]]), draw })}
        </details>`
        : ""
    }
    ${
      report.footer.length
        ? html`<details class="card">
          <summary>这些数字怎样得来</summary>
          <ul>${report.footer.map((line) => html`<li>${line}</li>`)}</ul>
        </details>`
        : ""
    }
  </article>`;
}

/**
 * @param {Section} section @param {Report} report @param {(ids: string[], label: string) => void} open
 * @param {() => void} draw
 */
function sectionTemplate({ title, sentences, tables, charts }, report, open, draw) {
  const beside = tables.length === 1 && charts.length === 1 && tables[0].header.length <= NARROW;
  return html`<section class="card">
    <h3>${title}</h3>
    ${sentences.map((sentence) => sentenceTemplate(sentence, open))}
    <div class=${beside ? "columns" : ""}>
      ${charts.map((chart) => chartTemplate({ ...chart, told: tables.length > 0 }))}
      ${tables.map((table) => tableTemplate({ ...table, name: `${report.kind}.${title}.${table.title}`, onRows: open, draw }))}
    </div>
  </section>`;
}

/**
 * A sentence, its numbers links. @param {Sentence} sentence @param {(ids: string[], label: string) => void} open
 */
function sentenceTemplate({ text, links, notice }, open) {
  const letters = Array.from(text); // places are counted in characters, as the library counts them
  const piece = (/** @type {number} */ from, /** @type {number} */ to) => letters.slice(from, to).join("");
  let last = 0;
  const pieces = links.map(({ start, end, rows }) => {
    const before = piece(last, start);
    const words = piece(start, end);
    last = end;
    if (!rows.length) return `${before}${words}`;
    if (rows.length === 1) return html`${before}<a href=${address("one", rows)}>${words}</a>`;
    const label = `${words}，列出这${rows.length}件`;
    return html`${before}<button type="button" class="table-number" aria-label=${label} @click=${() => open(rows, text)}>${words}</button>`;
  });
  return html`<p class=${notice ? "hint" : ""}>${notice ? "注：" : ""}${pieces}${piece(last, letters.length)}</p>`;
}

/** Some rows of the appendix. @param {Report} report @param {string[]} ids @returns {ReportTable} */
function chosen({ rows }, ids) {
  const wanted = new Set(ids);
  const some = rows.rows.filter(([id]) => wanted.has(String(id)));
  return {
    ...rows,
    title: `共${some.length}件`,
    rows: some,
    links: some.map(([id]) => [[String(id)]]),
    note: "",
  };
}
