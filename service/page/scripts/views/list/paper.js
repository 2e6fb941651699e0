/** A list in a workbook and on paper. */
import { download } from "../../api.js";
import { day, decisionWords, listed, number, percent, STATES } from "../../formats.js";
import { createRef, html, ref, render } from "../../html.js";
import { say, sayProblem } from "../../messages.js";
import { topicOf, unitsOf } from "./filters.js";

/** @typedef {import("./rows.js").Row} Row */

const PRINTED = 500;
const LARGEST = 20_000;
const HEADER = [
  "编号",
  "标题",
  "来源",
  "届次",
  "日期",
  "提出人",
  "把握",
  "可能性",
  "主办单位",
  "会办单位",
  "是否已定",
  "类别",
  "属地",
  "状态",
];

/** Today as a file name writes it. */
export function today() {
  const now = new Date();
  return day(
    `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`,
  );
}

/** A row as a workbook and a print hold it. @param {Row} row @returns {(string | number)[]} */
function cellsOf(row) {
  const { lead, co, decided } = unitsOf(row);
  const { advice } = row;
  const sure = advice ? decisionWords(advice.decision).name : "还没有建议";
  const score = advice?.lead ? percent(advice.score) : "";
  return [
    ...[row.id, row.title, row.source, row.session, day(row.date), row.proposers.join("；"), sure, score],
    ...[
      listed(lead),
      listed(co),
      lead.length ? (decided ? "已定" : "建议") : "",
      topicOf(row),
      advice?.zone ?? "",
    ],
    row.returned ? "被退回" : (STATES[/** @type {keyof typeof STATES} */ (row.state)] ?? row.state),
  ];
}

/** The list as a workbook. @param {Row[]} rows @param {string} title */
export async function downloadRows(rows, title) {
  if (rows.length > LARGEST) return say(`一张表最多${number(LARGEST)}行，请先筛选。`, { tone: "wrong" });
  const body = { title, tables: [{ title: "建议", header: HEADER, rows: rows.map(cellsOf) }] };
  try {
    await download("POST", "/v1/workbook", `${title}-${today()}.xlsx`, { body });
  } catch (error) {
    sayProblem(error);
  }
}

/** The list on paper: a plain table. @param {Row[]} rows @param {string} title */
function printTemplate(rows, title) {
  const columns = [0, 1, 2, 5, 6, 8, 9, 10, 11, 13];
  if (rows.length > PRINTED) {
    return html`<p>共${number(rows.length)}件，超过${PRINTED}件不在这里打印。请先筛选，或用“导出交办表”“下载 Excel”打印。</p>`;
  }
  return html`<table class="list-printed">
    <caption>${title}（${number(rows.length)}件，${today()}）</caption>
    <thead><tr>${columns.map((place) => html`<th scope="col">${HEADER[place]}</th>`)}</tr></thead>
    <tbody>
      ${rows.map((row) => {
        const cells = cellsOf(row);
        return html`<tr>${columns.map((place) => html`<td>${cells[place]}</td>`)}</tr>`;
      })}
    </tbody>
  </table>`;
}

/** Fills a place of the page when it is printed, and only then. @param {() => {rows: Row[], title: string}} now */
export function printing(now) {
  /** @type {import("../../html.js").Ref<HTMLElement>} */
  const place = createRef();
  const paper = matchMedia("print");
  const fill = () => {
    const { rows, title } = now();
    if (place.value) render(printTemplate(rows, title), place.value);
  };
  const empty = () => place.value && render("", place.value);
  const turned = () => (paper.matches ? fill() : empty());
  addEventListener("beforeprint", fill);
  addEventListener("afterprint", empty);
  paper.addEventListener("change", turned);
  return {
    template: () => html`<div class="list-paper" ${ref(place)}></div>`,
    close() {
      removeEventListener("beforeprint", fill);
      removeEventListener("afterprint", empty);
      paper.removeEventListener("change", turned);
    },
  };
}
