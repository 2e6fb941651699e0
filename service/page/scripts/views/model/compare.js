/** Two models on the same decided suggestions: what got better or worse, how sure that is, and on which ones. */
import { call } from "../../api.js";
import { number } from "../../formats.js";
import { html } from "../../html.js";
import { followJob, progressTemplate } from "../../jobs.js";
import { sayProblem } from "../../messages.js";
import { tableTemplate } from "../../parts/table.js";
import { address } from "../../router.js";

const FIGURES = {
  lead_top_1: "第一个单位对的",
  lead_top_3: "前三个里有对的",
  lead_top_5: "前五个里有对的",
  co_recall_3: "会办单位：前三个里找到的",
  co_recall_5: "会办单位：前五个里找到的",
  co_recall_10: "会办单位：前十个里找到的",
  topic_macro_f1: "类别（各类平均）",
  topic_accuracy: "类别对的",
  lead_calibration_error: "把握与实际的差距（越小越好）",
  suggest_coverage: "能“建议交办”的",
  suggest_accuracy: "“建议交办”里对的",
};
const VERDICTS = { better: "变好了", worse: "变差了", open: "看不出差别" };
const BETTER = { earlier: "旧的对", later: "新的对", "": "都不对" };

/** @param {(name: string) => void} use puts a model into use @param {() => void} draw */
export function comparing(use, draw) {
  /** @type {any} */
  let found = null;
  /** @type {import("../../jobs.js").Job | null} */
  let job = null;
  let busy = false;
  let names = { earlier: "", later: "" };
  let asked = { since: "", until: "", most: 300 };
  /** @type {import("../../api.js").Problem | null} */
  let problem = null;
  let stop = () => {};

  /** @param {string} earlier @param {string} later */
  async function start(earlier, later) {
    names = { earlier, later };
    [busy, found, problem, job] = [true, null, null, null];
    draw();
    document.getElementById("model-comparison")?.scrollIntoView({ block: "nearest" });
    const body = {
      earlier,
      later,
      most: asked.most,
      ...(asked.since ? { since: asked.since } : {}),
      ...(asked.until ? { until: asked.until } : {}),
    };
    try {
      const { data, status } = await call("POST", "/v1/models/compare", { body });
      if (status === 202) return follow(data.job);
      found = data;
    } catch (error) {
      problem = /** @type {any} */ (error);
    }
    busy = false;
    draw();
  }

  /** @param {string} id */
  function follow(id) {
    stop = followJob(id, (now, wrong) => {
      job = now;
      if (wrong) problem = wrong;
      if (!now || ["done", "failed", "cancelled"].includes(now.state)) busy = false;
      if (now?.state === "done") void fetched(id);
      draw();
    });
  }

  /** @param {string} id */
  async function fetched(id) {
    try {
      found = (await call("GET", `/v1/jobs/${id}/result`)).data;
      job = null;
    } catch (error) {
      sayProblem(error);
    }
    draw();
  }

  /** @param {SubmitEvent} event */
  function submitted(event) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    asked = {
      since: String(form.get("since")),
      until: String(form.get("until")),
      most: Number(form.get("most")),
    };
    void start(String(form.get("earlier")), String(form.get("later")));
  }

  /** @param {any} models */
  function formTemplate(models) {
    const usable = models.models
      .filter((/** @type {any} */ one) => !one.problem)
      .map((/** @type {any} */ one) => one.name);
    const now = models.in_use.split("@")[0];
    const later = names.later || usable.find((/** @type {string} */ name) => name !== now);
    const choice = (
      /** @type {string} */ name,
      /** @type {string} */ label,
      /** @type {string} */ chosen,
    ) => html`<label
      >${label}
      <select name=${name}>
        ${usable.map((/** @type {string} */ one) => html`<option ?selected=${one === chosen}>${one}</option>`)}
      </select></label
    >`;
    return html`<form class="row no-print" @submit=${submitted}>
      ${choice("earlier", "旧的", names.earlier || now)} ${choice("later", "新的", later)}
      <label>收到日期从 <input type="date" name="since" .value=${asked.since} /></label>
      <label>到 <input type="date" name="until" .value=${asked.until} /></label>
      <label>最多 <input type="number" name="most" min="10" max="5000" required .value=${String(asked.most)} /> 件</label>
      <button class="button" ?disabled=${busy || usable.length < 2}>比一比</button>
    </form>`;
  }

  function foundTemplate() {
    const { comparison, objections_zh: against, remarks_zh: beside } = found;
    const { changes } = comparison;
    return html`<p class="admin-big">
        ${against.length ? html`<span class="tag wrong">有反对意见</span>` : html`<span class="tag sure">没有反对意见</span>`}
        ${names.later} 和 ${names.earlier} 比，用了${number(comparison.cases)}件已经交办、两个都没学过的建议。
      </p>
      ${against.length ? html`<h3>反对换上的理由</h3><ul>${against.map((/** @type {string} */ one) => html`<li>${one}</li>`)}</ul>` : ""}
      ${beside.length ? html`<h3>还要知道</h3><ul>${beside.map((/** @type {string} */ one) => html`<li>${one}</li>`)}</ul>` : ""}
      ${tableTemplate({
        title: `${names.later} 和 ${names.earlier} 比`,
        header: ["比什么", names.earlier, names.later, "结论", "相差（百分点，95%的范围）"],
        rows: comparison.figures.map((/** @type {any} */ one) => [
          FIGURES[/** @type {keyof typeof FIGURES} */ (one.figure)] ?? one.figure,
          one.earlier,
          one.later,
          VERDICTS[/** @type {keyof typeof VERDICTS} */ (one.verdict)],
          one.interval ? `${points(one.interval[0])}到${points(one.interval[1])}` : "说不准",
        ]),
        forms: ["text", "share", "share", "text", "text"],
        note: "“看不出差别”不等于一样好，也可能是件数太少。",
      })}
      ${changes.lost.length ? html`<p>再也答不出的单位：${changes.lost.join("、")}</p>` : ""}
      ${changes.new.length ? html`<p>新认得的单位：${changes.new.join("、")}</p>` : ""}
      ${
        comparison.moved.length
          ? tableTemplate({
              title: "首选单位不一样的建议",
              header: ["编号", "实际主办", `${names.earlier}说`, `${names.later}说`, "谁对"],
              rows: comparison.moved.map((/** @type {any} */ one) => [
                one.id,
                one.right.join("；"),
                one.earlier,
                one.later,
                BETTER[/** @type {keyof typeof BETTER} */ (one.better)],
              ]),
              links: comparison.moved.map((/** @type {any} */ one) => [address("one", [one.id])]),
              draw,
            })
          : html`<p>首选单位都一样。</p>`
      }
      ${tableTemplate({
        title: "各单位",
        name: "比较模型：各单位",
        header: ["单位", "件数", "只有新的对", "只有旧的对"],
        rows: comparison.units.map((/** @type {any} */ one) => [one.unit, one.cases, one.wins, one.losses]),
        forms: ["text", "count", "count", "count"],
        draw,
      })}
      <p class="actions"><button type="button" class="button primary" @click=${() => use(names.later)}>换上 ${names.later}</button></p>`;
  }

  return {
    start: (/** @type {string} */ earlier, /** @type {string} */ later) => void start(earlier, later),
    busy: () => busy,
    /** @param {any} models */
    template: (models) => html`<section class="card" id="model-comparison">
      <h2>比较两个模型</h2>
      ${formTemplate(models)} ${busy && !job ? html`<p role="status">正在比：两个模型各答一遍，大约要几秒到一分钟。</p>` : ""}
      ${job ? progressTemplate(job, { label: "比较" }) : ""}
      ${problem ? html`<p class="trouble" role="alert">${problem.message}</p>` : ""}
      ${found ? foundTemplate() : busy ? "" : html`<p class="hint">在已经交办的建议上，让两个模型各答一遍，看谁的第一个单位更常是对的。学过的不算。</p>`}
    </section>`,
    close: () => stop(),
  };
}

/** @param {number} value */
function points(value) {
  return `${value > 0 ? "+" : ""}${(value * 100).toFixed(1)}`;
}
