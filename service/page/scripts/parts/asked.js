/**
 * An answer that a view waits for: at once where the service can, else as a job whose progress is seen.
 *
 * A job goes on while the clerk is elsewhere: it is remembered with what it was to do, so that its result, or its
 * progress, stands there again after a reload.
 */
import { get, Problem } from "../api.js";
import { draft, keepDraft } from "../drafts.js";
import { moment } from "../formats.js";
import { html } from "../html.js";
import { ended, followJob, progressTemplate, startJob } from "../jobs.js";
import { may } from "../session.js";

/** @typedef {{kind: string, options?: Record<string, any>, filter?: Record<string, any>}} Order a job on the memory */
/**
 * @typedef {object} Way how an answer is got
 * @property {(signal: AbortSignal) => Promise<any>} [now] at once; refused with `job-needed` where there is too much
 * @property {Order} [job] the same as a job
 * @property {(id: string) => Promise<any>} [read] its result; left out: a JSON document
 * @property {boolean} [auto] begin the job without being told to
 */

const NAME = "jobs";
const REMEMBERED = 30;

/** @param {Order} order */
function titleOf(order) {
  return JSON.stringify([order.kind, order.options ?? {}, order.filter ?? {}]);
}

/** The job that was last handed in for this. @param {Order} order @returns {string} its id; "" for none */
function remembered(order) {
  const kept = /** @type {[string, string][]} */ (draft(NAME) ?? []);
  return kept.find(([title]) => title === titleOf(order))?.[1] ?? "";
}

/** @param {Order} order @param {string} id "" forgets it */
function remember(order, id) {
  const others = /** @type {[string, string][]} */ (draft(NAME) ?? []).filter(
    ([title]) => title !== titleOf(order),
  );
  keepDraft(NAME, (id ? [...others, [titleOf(order), id]] : others).slice(-REMEMBERED));
}

/**
 * One place of a view that shows an answer.
 * @param {() => void} draw @param {{doing?: string, idle?: () => any}} [words] `doing`: what is being done meanwhile;
 *   `idle`: what is said before a job is begun
 */
export function asked(draw, { doing = "正在统计", idle = () => "" } = {}) {
  /** @type {Way} */
  let way = {};
  /** @type {"idle" | "busy" | "there" | "failed"} */
  let state = "idle";
  /** @type {any} */
  let data = null;
  /** @type {Problem | null} */
  let problem = null;
  /** @type {import("../jobs.js").Job | null} */
  let job = null;
  let needed = false;
  let turn = new AbortController();

  /** @param {AbortSignal} mine @param {typeof state} next */
  function turned(mine, next) {
    if (mine.aborted) return false;
    state = next;
    draw();
    return true;
  }

  /** @param {AbortSignal} mine @param {unknown} error */
  function failed(mine, error) {
    if (mine.aborted) return;
    if (!(error instanceof Problem)) throw error;
    problem = error;
    turned(mine, "failed");
  }

  /** The job that is done. @param {string} id @param {AbortSignal} mine @returns {Promise<void>} */
  function followed(id, mine) {
    return new Promise((resolve, reject) => {
      const stop = followJob(id, (seen, lost) => {
        if (!seen) return reject(lost);
        job = seen;
        draw();
        if (seen.state === "done") resolve();
        else if (ended(seen))
          reject(new Problem(seen.problem ?? { code: "cancelled", detail_zh: "已取消。" }));
      });
      mine.addEventListener("abort", stop);
    });
  }

  /** @param {AbortSignal} mine @param {boolean} start */
  async function byJob(mine, start) {
    const order = /** @type {Order} */ (way.job);
    let id = start ? "" : remembered(order);
    const begin = start || (!id && Boolean(way.auto) && may("triage"));
    if (!id && !begin) return turned(mine, "idle");
    try {
      id ||= (await startJob(order)).id;
      remember(order, id);
      await followed(id, mine);
      data = await (way.read ?? ((one) => get(`/v1/jobs/${one}/result`)))(id);
      turned(mine, "there");
    } catch (error) {
      if (mine.aborted) return;
      if (!(error instanceof Problem && error.passing)) remember(order, "");
      const gone =
        error instanceof Problem && (error.code === "cancelled" || (error.status === 404 && !begin));
      if (gone) turned(mine, "idle");
      else failed(mine, error);
    }
  }

  /** @param {boolean} start begin a job, whether one was begun before or not */
  async function ask(start) {
    turn.abort();
    turn = new AbortController();
    const mine = turn.signal;
    problem = null;
    job = null;
    state = "busy";
    draw();
    if (start || !way.now) return byJob(mine, start);
    try {
      const found = await way.now(mine);
      if (mine.aborted) return;
      data = found;
      turned(mine, "there");
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "job-needed" || !way.job) return failed(mine, error);
      needed = true;
      await byJob(mine, false);
    }
  }

  function idleTemplate() {
    const allowed = may("triage");
    return html`<div class="card asked-idle">
      ${needed ? html`<p>件数较多，不能马上算出来，要排队处理；处理时您可以做别的事。</p>` : idle()}
      ${
        allowed
          ? html`<p class="actions"><button type="button" class="button primary" @click=${() => void ask(true)}>开始分析</button></p>`
          : html`<p class="hint">开始分析要有“分析”权限的钥匙；您这把只能查看。请向管理员要一把，或缩小时段和来源。</p>`
      }
    </div>`;
  }

  /** When what is shown was worked out, and the way to have it done anew. */
  function freshTemplate() {
    if (!job) return "";
    return html`<p class="hint no-print">
      按${moment(job.finished_at ?? job.created_at)}的登记情况。${
        may("triage")
          ? html`<button type="button" class="link" @click=${() => void ask(true)}>重新分析</button>`
          : ""
      }
    </p>`;
  }

  return {
    /** What was answered; null before. */
    data: () => data,

    /** Get an answer this way; what was asked before is given up. @param {Way} next */
    ask(next) {
      way = next;
      data = null;
      needed = false;
      void ask(false);
    },

    /** Ask the same again, and keep what is shown until the answer is there. */
    again: () => void ask(false),

    /** Leave it: a job goes on, and is found again. */
    close: () => turn.abort(),

    /** The answer, or what stands in its place. @param {(data: any) => any} show */
    template(show) {
      if (state === "idle") return idleTemplate();
      if (state === "failed")
        return html`<div class="card">
          <p class="trouble" role="alert">${problem?.message}</p>
          <p class="actions"><button type="button" class="button" @click=${() => void ask(job !== null)}>再试一次</button></p>
        </div>`;
      if (state === "busy" && job)
        return html`<div class="card">${progressTemplate(job, { label: doing })}</div>`;
      if (data === null) return html`<p class="starting" role="status">${doing}……</p>`;
      return html`${freshTemplate()}${show(data)}`;
    },
  };
}
