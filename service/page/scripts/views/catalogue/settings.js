/** The office's own settings as they are in force, and the way to the files that hold them. */
import { get } from "../../api.js";
import { day, number, share } from "../../formats.js";
import { html } from "../../html.js";
import { sayProblem } from "../../messages.js";
import { address } from "../../router.js";
import { FILES } from "./draft.js";
import { save } from "./tables.js";

const GROUPS = { solved: "算已解决", planned: "算列入计划", kept: "算留作参考", other: "算其他" };

/** @typedef {{months: number, working_days: number, days: number}} Period */

/** @param {import("./draft.js").Edited} edited @param {() => void} draw @returns {import("./view.js").Part} */
export function settingsPart(edited, draw) {
  /** @type {any} */
  let office = null;
  get("/v1/catalogue")
    .then((found) => {
      office = found.office;
      draw();
    })
    .catch(sayProblem);

  return {
    template: () => html`${office ? officeTemplate(office) : html`<p class="starting">正在读取……</p>`}
      <section class="card no-print">
        <h2>文件</h2>
        <p class="hint">设置和工作日写在文件里：可以在这里改，也可以下载改好再换上来。改了以后都要预览、生效。</p>
        <ul class="admin-files">
          ${Object.entries(FILES).map(([name, title]) => {
            const text = edited.text(name);
            return html`<li>
              <a href=${address("catalogue", ["file", name])}>${title}：${name}</a> ${text === null ? html`<small>没有</small>` : ""}
              ${text === null ? "" : html`<button type="button" class="link" aria-label="下载${name}" @click=${() => save(name, text)}>下载</button>`}
            </li>`;
          })}
        </ul>
      </section>`,
  };
}

/** @param {any} office */
function officeTemplate(office) {
  const { deadlines } = office;
  return html`<section class="card">
    <h2>现行设置</h2>
    <dl class="admin-facts">
      <dt>本单位</dt>
      <dd>${office.name || "没有写"}</dd>
      <dt>地方</dt>
      <dd>${[office.place, office.level && `${office.level}级`].filter(Boolean).join("，") || "没有写"}</dd>
      <dt>期限</dt>
      <dd>${deadlineWords(deadlines)}</dd>
      ${deadlines.by_source.map((/** @type {[string, any]} */ [source, own]) => html`<dt>${source}的期限</dt><dd>${deadlineWords(own)}</dd>`)}
      <dt>办理结果</dt>
      <dd>
        ${office.outcomes.map(
          (/** @type {any} */ one) =>
            html`<div>${one.code}：${one.name}（${GROUPS[/** @type {keyof typeof GROUPS} */ (one.group)] ?? one.group}）</div>`,
        )}
      </dd>
      <dt>专工委</dt>
      <dd>${office.committees.map((/** @type {any} */ one) => html`<div>${one.name}：${one.topics.join("、")}</div>`)}${office.committees.length ? "" : "没有写"}</dd>
      <dt>目标</dt>
      <dd>
        ${office.targets.map((/** @type {any} */ one) => html`<div>${one.name}：${one.count ? `${number(one.count)}件` : share(one.share)}以上</div>`)}${office.targets.length ? "" : "没有写"}
      </dd>
      <dt>抽查</dt>
      <dd>抽${share(office.inspection.share)}${office.inspection.per_unit ? "，每个单位至少一件" : ""}</dd>
      <dt>本地的工作日</dt>
      <dd>
        ${office.days.map((/** @type {any} */ one) => html`<div>${day(one.day)}${one.working ? "上班" : "休息"}${one.note ? `（${one.note}）` : ""}</div>`)}${office.days.length ? "" : "照国家公布的节假日"}
      </dd>
      <dt>规矩</dt>
      <dd>${office.rules.length ? html`<a href=${address("catalogue", ["rules"])}>${number(office.rules.length)}条</a>` : "还没有"}</dd>
    </dl>
  </section>`;
}

/** @param {any} deadlines */
function deadlineWords({ reply, opinion, return_window: back, warn }) {
  return `答复${periodWords(reply)}，会办意见${periodWords(opinion)}，退单${periodWords(back)}以内；到期前${warn.join("、")}个工作日提醒`;
}

/** @param {Period} period */
function periodWords({ months, working_days: working, days }) {
  return months ? `${months}个月` : working ? `${working}个工作日` : `${days}天`;
}
