/** 总览: counts and trends, and the report of the whole in sentences, tables and pictures. */
import { get } from "../../api.js";
import { number, STATES } from "../../formats.js";
import { html } from "../../html.js";
import { asked } from "../../parts/asked.js";
import { chartTemplate } from "../../parts/chart.js";
import { paperButtons } from "../../parts/paper.js";
import { reportTemplate } from "../../parts/report.js";
import { counted, ordered } from "./papers.js";

/** @param {import("./view.js").Ground} ground @returns {import("./view.js").Tab} */
export function open({ draw, filter, total }) {
  const counts = asked(draw);
  const report = asked(draw, { doing: "正在写总体情况" });
  const paper = paperButtons(draw);

  return {
    load() {
      const query = filter();
      counts.ask({ now: (signal) => get("/v1/statistics", { query, signal }) });
      const { kind, options, filter: chosen } = ordered("overview", query);
      report.ask({
        now: (signal) => counted("overview", query, total(), signal),
        job: { kind, options, filter: chosen },
      });
    },
    template: () => html`${counts.template(countsTemplate)}
      ${report.template((/** @type {any} */ made) =>
        reportTemplate(made, {
          draw,
          actions: paper.template(made.title, ordered("overview", filter()).paper),
        }),
      )}`,
    close() {
      counts.close();
      report.close();
      paper.close();
    },
  };
}

/** @param {any} counts */
function countsTemplate({ total, states, months, returned, waited }) {
  if (!total) return html`<p class="empty">这个时段没有登记建议。请换一个时段，或去掉来源的限制。</p>`;
  const line = monthly(months);
  return html`<section class="card" aria-label="件数">
      <dl class="office-counts">
        ${countTemplate("收到", total, "件")}
        ${states.map((/** @type {any} */ one) => countTemplate(STATES[/** @type {keyof typeof STATES} */ (one.value)] ?? one.value, one.count, "件"))}
        ${countTemplate("被退回过", returned, "件")}
        ${waited.counted ? countTemplate("交办用时（一半以内）", Math.round(waited.median), "天") : ""}
      </dl>
    </section>
    ${
      line.labels.length > 1
        ? html`<section class="card">
          ${chartTemplate({ kind: "line", title: "每月收到件数", labels: line.labels, series: [{ name: "", values: line.values }] })}
        </section>`
        : ""
    }`;
}

/** @param {string} label @param {number} count @param {string} unit */
function countTemplate(label, count, unit) {
  return html`<div><dt>${label}</dt><dd>${number(count)}<small>${unit}</small></dd></div>`;
}

/** Every month from the first to the last, also those in which nothing came. @param {{value: string, count: number}[]} months */
export function monthly(months) {
  const counts = new Map(
    months.filter(({ value }) => /^\d{4}-\d{2}$/.test(value)).map(({ value, count }) => [value, count]),
  );
  const names = [...counts.keys()].sort();
  const labels = [];
  const values = [];
  if (names.length) {
    let [year, month] = names[0].split("-").map(Number);
    for (let name = names[0]; name <= names[names.length - 1]; ) {
      labels.push(`${year}年${month}月`);
      values.push(counts.get(name) ?? 0);
      [year, month] = month === 12 ? [year + 1, 1] : [year, month + 1];
      name = `${year}-${String(month).padStart(2, "0")}`;
    }
  }
  return { labels, values };
}
