/** A whole report as a file: made as a job, fetched when it is done. */
import { download } from "../api.js";
import { html } from "../html.js";
import { cancelJob, jobDone, progressTemplate, startJob } from "../jobs.js";
import { say, sayProblem } from "../messages.js";
import { may } from "../session.js";

const FORMS = { docx: "Word", xlsx: "Excel", html: "网页" };

/** @typedef {keyof typeof FORMS} Form */

/**
 * The buttons for one report. @param {() => void} draw
 */
export function paperButtons(draw) {
  /** @type {import("../jobs.js").Job | null} */
  let job = null;
  let form = /** @type {Form} */ ("docx");
  const left = new AbortController();

  /** @param {Form} wanted @param {string} title @param {{report: string, filter: any, options: any}} order */
  async function make(wanted, title, { report, filter, options }) {
    form = wanted;
    try {
      const started = await startJob({
        kind: "report",
        filter,
        options: { ...options, report, format: form },
      });
      if (left.signal.aborted) return void cancelJob(started.id);
      job = started;
      draw();
      await followed(started.id);
      await download("GET", `/v1/jobs/${started.id}/result`, `${title}.${wanted}`, { signal: left.signal });
    } catch (error) {
      if (!left.signal.aborted) sayProblem(error);
    }
    job = null;
    if (!left.signal.aborted) draw();
  }

  /** @param {string} id */
  function followed(id) {
    const seen = (/** @type {import("../jobs.js").Job} */ now) => {
      job = now;
      draw();
    };
    return jobDone(id, seen, left.signal);
  }

  return {
    /** The view is left: a file that is not done is not made, as nobody is there to take it. */
    close() {
      left.abort();
      if (!job) return;
      void cancelJob(job.id);
      say(`整份${FORMS[form]}还没有写完，离开这一页就不写了；需要时请再点一次。`, { tone: "note" });
    },

    /**
     * The buttons, or how far the file is. @param {string} title names the file
     * @param {{report: string, filter: any, options: any}} order
     */
    template(title, order) {
      if (!may("triage")) return "";
      if (job)
        return html`<div class="paper">${progressTemplate(job, { label: `正在写成${FORMS[form]}` })}</div>`;
      return html`<span class="paper no-print" role="group" aria-label="整份报告下载"
        >整份下载：${Object.entries(FORMS).map(
          ([name, words]) =>
            html`<button type="button" class="button" @click=${() => void make(/** @type {Form} */ (name), title, order)}>${words}</button> `,
        )}</span
      >`;
    },
  };
}
