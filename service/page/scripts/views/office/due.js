/** 期限: replies, opinions and return windows that come up or have passed, by the office's rules. */
import { get } from "../../api.js";
import { draft, keepDraft } from "../../drafts.js";
import { day, number } from "../../formats.js";
import { html, live } from "../../html.js";
import { asked } from "../../parts/asked.js";
import { chartTemplate } from "../../parts/chart.js";
import { tableTemplate } from "../../parts/table.js";
import { address } from "../../router.js";

const MOST = 2000;
const CHARTED = 20;
const WITHIN = {
  "": "按本单位的提醒",
  5: "5个工作日内",
  10: "10个工作日内",
  20: "20个工作日内",
  60: "60个工作日内",
  366: "全部未到期的",
};

/** @param {import("./view.js").Ground} ground @returns {import("./view.js").Tab} */
export function open({ draw, filter }) {
  const found = asked(draw, { doing: "正在推算期限" });
  let within = draft("office.due") ?? "";

  function load() {
    const { source } = filter();
    const query = { source, within, limit: MOST };
    found.ask({ now: (signal) => get("/v1/due", { query, signal }) });
  }

  /** @param {Event} event */
  function choose(event) {
    within = /** @type {HTMLSelectElement} */ (event.target).value;
    keepDraft("office.due", within);
    load();
  }

  return {
    load,
    close: () => found.close(),
    template:
      () => html`<form class="office-scope no-print" aria-label="期限范围" @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
        <label
          >列出
          <select id="office-within" @change=${choose}>
            ${Object.entries(WITHIN)
              .sort(([one], [other]) => Number(one) - Number(other))
              .map(
                ([value, words]) =>
                  html`<option value=${value} .selected=${live(within === value)}>${words}</option>`,
              )}
          </select></label
        >
        <span class="hint">已超期的总是列出。期限与收到的时段无关。</span>
      </form>
      ${found.template((/** @type {any} */ told) => dueTemplate(told, draw))}`,
  };
}

/** @param {number} left working days */
function leftWords(left) {
  if (left < 0) return `超${number(-left)}个工作日`;
  return left === 0 ? "今天" : `还有${number(left)}个工作日`;
}

/** @param {any} told @param {() => void} draw */
function dueTemplate({ on, due, total, units, handed_out, provisional, notices }, draw) {
  const overdue = due.filter((/** @type {any} */ one) => one.overdue).length;
  const busy = units.filter((/** @type {any} */ one) => one.overdue || one.soon).slice(0, CHARTED);
  const titled = (/** @type {any} */ one) => one.title || (one.confidential ? "（不公开）" : "（无标题）");
  return html`<p>
      到${day(on)}，已交办、等待答复的有${number(handed_out)}件；列出期限${number(total)}项${overdue ? `，其中已超期${number(overdue)}项` : ""}。
    </p>
    ${notices.map((/** @type {string} */ line) => html`<p class="hint">注：${line}</p>`)}
    ${provisional ? html`<p class="hint">注：有的日子在已公布的节假日安排以外，先按周末推算，公布后会变。</p>` : ""}
    ${
      busy.length
        ? html`<section class="card">
          ${chartTemplate({
            kind: "stacked",
            title: "各单位的答复期限",
            labels: busy.map((/** @type {any} */ one) => one.unit),
            series: [
              { name: "已超期", values: busy.map((/** @type {any} */ one) => one.overdue) },
              { name: "即将到期", values: busy.map((/** @type {any} */ one) => one.soon) },
              { name: "办理中", values: busy.map((/** @type {any} */ one) => one.open) },
            ],
          })}
        </section>`
        : ""
    }
    <section class="card">
      ${tableTemplate({
        title: "到期和超期",
        header: ["编号", "标题", "单位", "要做的", "最后一天", "剩余工作日", "状态"],
        forms: ["text", "text", "text", "text", "day", "count", "text"],
        rows: due.map((/** @type {any} */ one) => [
          one.suggestion,
          titled(one),
          one.unit,
          one.what,
          one.day,
          one.days_left,
          one.told,
        ]),
        links: due.map((/** @type {any} */ one) => [address("one", [one.suggestion])]),
        cell: (row, column) => (column === 5 ? leftWords(due[row].days_left) : undefined),
        note: total > due.length ? `只列出最急的${number(due.length)}项。` : "",
        empty: "没有要到期的。交办以后，答复、会办意见和退单的期限按本单位的规定推算，快到时列在这里。",
        draw,
      })}
    </section>
    ${
      units.length
        ? html`<section class="card">
          ${tableTemplate({
            title: "各单位",
            header: ["单位", "已超期", "即将到期", "办理中", "会办意见待提", "还可退单"],
            forms: ["text", "count", "count", "count", "count", "count"],
            rows: units.map((/** @type {any} */ one) => [
              one.unit,
              one.overdue,
              one.soon,
              one.open,
              one.opinions,
              one.returnable,
            ]),
            name: "期限.各单位",
            draw,
          })}
        </section>`
        : ""
    }`;
}
