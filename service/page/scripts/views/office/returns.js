/** 退单: which units sent back what, and why. */
import { get } from "../../api.js";
import { number } from "../../formats.js";
import { html } from "../../html.js";
import { asked } from "../../parts/asked.js";
import { chartTemplate } from "../../parts/chart.js";
import { tableTemplate } from "../../parts/table.js";
import { address } from "../../router.js";

const MOST = 2000;

/** @param {import("./view.js").Ground} ground @returns {import("./view.js").Tab} */
export function open({ draw, filter }) {
  const found = asked(draw);
  return {
    load() {
      const query = { ...filter(), limit: MOST };
      found.ask({ now: (signal) => get("/v1/returns", { query, signal }) });
    },
    close: () => found.close(),
    template: () => found.template((/** @type {any} */ told) => returnsTemplate(told, draw)),
  };
}

/** @param {any} told @param {() => void} draw */
function returnsTemplate({ returns, total, units }, draw) {
  if (!total)
    return html`<p class="empty">这个时段没有退单。单位退回一件时，在那一件的页面上登记单位和理由，这里就按单位列出。</p>`;
  return html`<p>共退单${number(total)}次，来自${number(units.length)}个单位；退得最多的是${units[0].unit}，${number(units[0].count)}次。</p>
    <div class="columns">
      <section class="card">
        ${chartTemplate({
          kind: "bar",
          title: "各单位退单次数",
          unit: "次",
          labels: units.map((/** @type {any} */ one) => one.unit),
          series: [{ name: "", values: units.map((/** @type {any} */ one) => one.count) }],
        })}
      </section>
      <section class="card">
        ${tableTemplate({
          title: "各单位退单的理由",
          header: ["单位", "次数", "理由"],
          forms: ["text", "count", "text"],
          rows: units.map((/** @type {any} */ one) => [
            one.unit,
            one.count,
            one.reasons.join("；") || "（没有写）",
          ]),
          draw,
        })}
      </section>
    </div>
    <section class="card">
      ${tableTemplate({
        title: "退单一览",
        header: ["编号", "标题", "单位", "理由", "日期", "登记人"],
        forms: ["text", "text", "text", "text", "day", "text"],
        rows: returns.map((/** @type {any} */ one) => [
          one.suggestion,
          one.title,
          one.unit,
          one.reason,
          one.day,
          one.by,
        ]),
        links: returns.map((/** @type {any} */ one) => [address("one", [one.suggestion])]),
        note: total > returns.length ? `只列出最近${number(returns.length)}次。` : "",
        draw,
      })}
    </section>`;
}
