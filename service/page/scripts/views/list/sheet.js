/** The meeting sheet: out with what is suggested, back with what was decided, and what that changes. */
import { download, patiently } from "../../api.js";
import { draft, keepDraft } from "../../drafts.js";
import { listed, number } from "../../formats.js";
import { html } from "../../html.js";
import { jobDone, progressTemplate, resultOf, startJob } from "../../jobs.js";
import { say, sayProblem } from "../../messages.js";
import { focusLater } from "../../parts/focus.js";
import { virtualRows } from "../../parts/virtual-rows.js";
import { may } from "../../session.js";
import { decideAll } from "./decide.js";
import { today } from "./paper.js";

/** @typedef {import("./rows.js").Row} Row */
/**
 * @typedef {{id: string, title: string, suggested: {lead: string[], co: string[]} | null,
 *   before: {lead: string[], co: string[], number: number} | null,
 *   decided: {lead: string[], co: string[], topics: string[], reason: string} | null,
 *   change: string, expected: number, answer: number | null, address: string, notices: string[]}} Brought a row of a
 *   sheet that came back
 */

const WORK = { sheet: "导出交办表", decided: "读取交办表", triage: "分析" };
/** Rows up to which the sheet also tells what could be merged and what conflicts: that takes the square of their number. */
const COMPARED = 1000;
const CHANGES = {
  new: "新定",
  changed: "改了",
  same: "没有变",
  undecided: "没有定",
  unknown: "库里没有",
};

/**
 * The meeting sheet: out with the rows that are shown, back with what was decided.
 *
 * @param {{name: string, store: any, draw: () => void, decided: () => void}} options `name` tells this list from others
 */
export function meetingSheet({ name, store, draw, decided }) {
  const kept = `${name}.sheet`;
  /** @type {{job: import("../../jobs.js").Job, label: string} | null} */
  let work = null;
  /** @type {Brought[] | null} */
  let brought = null;
  let file = "";
  let only = "";
  let sending = false;
  /** @type {Map<string, string>} */
  let failed = new Map();
  let closed = false;
  const left = new AbortController();
  const grid = virtualRows({
    id: "list-brought",
    label: "交办表带回的内容",
    height: 3.25,
    columns: [
      { name: "list-title", label: "建议" },
      { name: "list-change", label: "变化" },
      { name: "list-units", label: "原来" },
      { name: "list-units", label: "交办表上" },
      { name: "list-why", label: "说明" },
    ],
    key: (/** @type {Brought} */ row) => row.id,
    cells: broughtCells,
    onOpen: (row) => (location.hash = `#/one/${encodeURIComponent(row.id)}`),
    draw,
  });

  /** @param {{kind: keyof typeof WORK, id: string, file: string}} wanted */
  async function finish(wanted) {
    const label = WORK[wanted.kind];
    keepDraft(kept, wanted);
    const seen = (/** @type {import("../../jobs.js").Job} */ job) => {
      work = { job, label };
      if (!closed) draw();
    };
    try {
      await jobDone(wanted.id, seen, left.signal);
      if (wanted.kind === "sheet") {
        const path = `/v1/jobs/${wanted.id}/result`;
        await patiently(() => download("GET", path, `交办表-${today()}.xlsx`), left.signal);
        keepDraft(kept, null);
      } else if (wanted.kind === "triage") {
        keepDraft(kept, null);
        await store.load();
      } else {
        brought = await patiently(() => resultOf(wanted.id), left.signal);
        file = wanted.file;
        only = "";
        focusLater("list-brought-title");
      }
      work = null;
    } catch (error) {
      if (closed) return; // it is still written down, and comes when the list is opened again
      keepDraft(kept, null);
      if (work?.job.state !== "failed") {
        work = null;
        sayProblem(error);
      }
    }
    if (!closed) draw();
  }

  /** @param {Parameters<typeof startJob>[0]} wanted */
  async function begin(wanted) {
    work = null;
    try {
      const job = await startJob(wanted);
      await finish({
        kind: /** @type {keyof typeof WORK} */ (wanted.kind),
        id: job.id,
        file: wanted.file?.name ?? "",
      });
    } catch (error) {
      sayProblem(error);
    }
  }

  /** @param {Brought} row */
  function isNews({ change }) {
    return change === "new" || change === "changed";
  }

  /** @param {Brought} row */
  function decisionOf({ id, expected, answer, decided: wanted }) {
    const { lead, co, topics, reason } = /** @type {NonNullable<Brought["decided"]>} */ (wanted);
    return { suggestion: id, expected, answer, lead, co, topics, reason };
  }

  /** @param {string} change */
  function showOnly(change) {
    only = only === change ? "" : change;
    draw();
  }

  async function apply() {
    const news = (brought ?? []).filter(isNews);
    if (!news.length || sending) return;
    sending = true;
    draw();
    try {
      const { made, failures } = await decideAll(news.map(decisionOf), { label: "按交办表交办", store });
      failed = new Map(failures.map((failure) => [failure.id, failure.words]));
      const gone = new Set(made);
      brought = (brought ?? []).map((row) => (gone.has(row.id) ? { ...row, change: "same" } : row));
      if (failures.length) say(`${failures.length}件没有记上，原因写在表里。`, { tone: "wrong" });
      else close();
      decided();
    } catch (error) {
      sayProblem(error);
    }
    sending = false;
    draw();
  }

  function close() {
    brought = null;
    work = null;
    failed = new Map();
    keepDraft(kept, null);
    draw();
  }

  /** @param {Brought} row */
  function broughtCells(row) {
    const was = row.before ?? row.suggested;
    const units = (/** @type {{lead: string[], co: string[]} | null} */ one, prefix = "") =>
      one?.lead.length
        ? html`<span>${prefix}${listed(one.lead)}</span>${one.co.length ? html`<small>会办 ${listed(one.co)}</small>` : ""}`
        : "—";
    const words = [failed.get(row.id) ?? "", row.decided?.reason ?? "", ...row.notices]
      .filter(Boolean)
      .join("；");
    return [
      html`<span>${row.title || "（没有标题）"}</span><small>${row.id}　${row.address}</small>`,
      html`<span class="tag ${failed.has(row.id) ? "wrong" : isNews(row) ? "sure" : "none"}">${failed.has(row.id) ? "没有记上" : changeWords(row.change)}</span>`,
      units(was, row.before ? "" : "建议 "),
      units(row.decided),
      html`<span title=${words}>${words}</span>`,
    ];
  }

  /** @param {Brought[]} rows */
  function broughtTemplate(rows) {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const { change } of rows) counts.set(change, (counts.get(change) ?? 0) + 1);
    const news = rows.filter(isNews).length;
    const shown = only
      ? rows.filter((row) => row.change === only)
      : [...rows].sort((a, b) => Number(isNews(b)) - Number(isNews(a)));
    return html`<section class="card" aria-labelledby="list-brought-title">
      <h2 id="list-brought-title" tabindex="-1">${file || "交办表"}：带回了什么</h2>
      <p class="row">
        ${[...counts].map(
          ([
            change,
            count,
          ]) => html`<button type="button" class="button" aria-pressed=${only === change} @click=${() => showOnly(change)}>
            ${changeWords(change)} ${number(count)}件
          </button>`,
        )}
      </p>
      ${news ? "" : html`<p>表上没有新的决定：填过的和库里一样，或者还没有填“确定主办”。</p>`}
      <div class="list-brought">${grid.template(shown)}</div>
      <p class="actions">
        ${
          news && may("decide")
            ? html`<button type="button" class="button primary" ?disabled=${sending} @click=${() => void apply()}>记入这${number(news)}件 <kbd>F2</kbd></button>`
            : ""
        }
        <button type="button" class="button" @click=${close}>${news ? "不记，关闭" : "关闭"}</button>
      </p>
    </section>`;
  }

  const earlier = draft(kept);
  if (earlier?.id) void finish(earlier);

  return {
    /** A job that makes the sheet of these rows. @param {Row[]} rows @param {Record<string, any>} filter all rows of the list */
    take(rows, filter) {
      const whole = rows.length === store.all().length;
      const chosen = whole ? filter : { ...filter, id: rows.map((row) => row.id) };
      void begin({
        kind: "sheet",
        filter: chosen,
        options: rows.length <= COMPARED ? { together: true } : {},
      });
    },

    /** Have advice made for these rows. @param {Row[]} rows */
    advise: (rows) =>
      void begin({ kind: "triage", options: { store: true }, filter: { id: rows.map((row) => row.id) } }),

    /** Read a sheet that was filled in. @param {File} given */
    bring: (given) => void begin({ kind: "decided", file: given }),

    template() {
      if (brought) return broughtTemplate(brought);
      if (!work) return "";
      const over = work.job.state === "failed";
      return html`<section class="card" aria-label=${work.label}>
        ${progressTemplate(work.job, { label: work.label })}
        ${
          over
            ? html`<p class="hint">改好表里的这些格，再带回来一次；库里什么都没有动。</p>
              <p class="actions"><button type="button" class="button" @click=${close}>知道了</button></p>`
            : ""
        }
      </section>`;
    },

    /** Whether a sheet that came back is open, which the keys then are about. */
    open: () => brought !== null,

    apply: () => void apply(),

    close() {
      closed = true;
      left.abort();
      grid.close();
    },
  };
}

/** @param {string} change */
function changeWords(change) {
  return CHANGES[/** @type {keyof typeof CHANGES} */ (change)] ?? change;
}
