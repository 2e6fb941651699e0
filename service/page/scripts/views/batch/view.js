/**
 * A batch: a table of suggestions is handed in, its columns are confirmed, it is worked through, and then decided about.
 * A batch is the job that stored it, so its address `#/batch/<job>` can be opened again and sent to a colleague.
 */
import { number } from "../../formats.js";
import { html } from "../../html.js";
import { ended, followJob, progressTemplate, resultOf } from "../../jobs.js";
import { sayProblem } from "../../messages.js";
import { tableTemplate } from "../../parts/table.js";
import { address } from "../../router.js";
import { suggestionList } from "../list/suggestion-list.js";
import { newBatch } from "./new.js";

/** @typedef {import("../../jobs.js").Job} Job */
const FEW = 5;
const BACK = html`<a class="no-print" href=${address("batch")}>导入另一份，或看以前的批次</a>`;

/** @param {import("../../router.js").Page} page @returns {import("../../router.js").View} */
export function open(page) {
  let [shown = ""] = page.parts;
  let current = begin(page);

  /** @param {import("../../router.js").Page} now */
  function begin(now) {
    return shown ? oneBatch(shown, now) : newBatch(now.draw);
  }

  return {
    template: () => current.template(),
    get shortcuts() {
      return current.shortcuts();
    },
    close: () => current.close(),
    moved(now) {
      const [other = ""] = now.parts;
      if (other === shown && shown) current.moved(now.query);
      else {
        current.close();
        shown = other;
        current = begin(now);
      }
      return true;
    },
  };
}

/** A batch that was handed in: how far it is, what failed, and its list. @param {string} id @param {import("../../router.js").Page} page */
function oneBatch(id, { query, draw }) {
  /** @type {Job | null} */
  let job = null;
  let gone = false;
  /** @type {{id: string, words: string}[] | null} */
  let failures = null;
  /** @type {ReturnType<typeof suggestionList> | null} */
  let list = null;
  const stop = followJob(id, (now, problem) => {
    job = now;
    if (problem) gone = true;
    if ((now && ended(now)) || gone) settle();
    draw();
  });

  function settle() {
    const write = (/** @type {Record<string, string>} */ asked) =>
      history.replaceState(null, "", address("batch", [id], asked));
    list ??= suggestionList({ batch: id, query, draw, write, title, beside: BACK, above: aboutTemplate });
    if (job?.failures && job.state === "done" && !failures) void lookForFailures();
  }

  function title() {
    return job?.name || "一批建议";
  }

  async function lookForFailures() {
    try {
      const rows = await resultOf(id, (line) => line.includes('"problem"'));
      failures = rows
        .filter((row) => row.problem)
        .map(({ id: ref, problem: { title_zh, detail_zh, detail } }) => ({
          id: ref,
          words: [title_zh, detail_zh].filter(Boolean).join("：") || detail,
        }));
    } catch (error) {
      sayProblem(error);
    }
    draw();
  }

  /** @param {Job} now */
  function failuresTemplate(now) {
    if (!now.failures) return "";
    if (!failures) return html`<p role="status">有${number(now.failures)}行没有办成，正在取原因……</p>`;
    const none = failures.length === now.total;
    return html`<details class="card" ?open=${failures.length <= FEW}>
      <summary>有${number(failures.length)}行没有办成${none ? "，这次没有存下任何一件" : "；其余的都在下面"}</summary>
      ${none ? html`<p class="hint">如果这份表以前导入过，请从<a href=${address("batch")}>以前的批次</a>里打开。</p>` : ""}
      ${tableTemplate({ title: "没有办成的行", header: ["编号", "原因"], rows: failures.map((one) => [one.id, one.words]), name: `${now.name}-没有办成的行` })}
    </details>`;
  }

  /** How far it is, and what did not work. */
  function aboutTemplate() {
    if (gone) return html`<p class="hint">这一批的任务记录已经没有了，或属于别人的钥匙；存下的建议还在。</p>`;
    if (!job) return "";
    if (job.state === "done") return failuresTemplate(job);
    return html`<section class="card" aria-label="进度">
      ${progressTemplate(job, { label: "分析这一批" })}
      ${ended(job) ? html`<p class="hint">在这之前存下的列在下面。</p>` : html`<p class="hint">可以离开这个页面，回来时接着看。</p>`}
    </section>`;
  }

  return {
    template: () => {
      if (list) return list.template();
      if (!job) return html`<p class="starting">正在打开……</p>`;
      return html`<div class="row list-top"><h1>${title()}</h1>${BACK}</div>${aboutTemplate()}`;
    },
    shortcuts: () => list?.shortcuts() ?? [],
    moved: (/** @type {URLSearchParams} */ now) => list?.moved(now),
    close() {
      stop();
      list?.close();
    },
  };
}
