/**
 * Advice while one types: half a second after the last key the service is asked, what was asked before is called off,
 * and an answer to other words than those on the sheet is never shown.
 */
import { get, Problem, post } from "../../api.js";
import { may } from "../../session.js";

const PAUSE = 500;
const AGAIN = 3000;
const NO_INDEX = "服务没有接历史建议库，查不了先例。需要的话，请管理员建好库后再开。";

/**
 * @typedef {object} Advice what is known of the words as they stand
 * @property {"empty" | "waiting" | "done" | "failed"} state
 * @property {any} triaged the answer of `POST /v1/triage`, null while there is none
 * @property {any} checked the answer of `POST /v1/check`
 * @property {string} unchecked why there is no pre-check
 * @property {any[] | null} precedents null while they are not there
 * @property {boolean} indexed whether there is an index of earlier suggestions, as far as is known
 * @property {string} unknown why there are no precedents
 * @property {Problem | null} problem
 */

/** @returns {Advice} */
function nothing() {
  return {
    state: "empty",
    triaged: null,
    checked: null,
    unchecked: "",
    precedents: null,
    indexed: true,
    unknown: "",
    problem: null,
  };
}

/** Follows a text. @param {() => void} changed is called whenever `now` changed */
export function adviser(changed) {
  let now = nothing();
  let asked = "";
  /** @type {AbortController} */
  let asking = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {Partial<Advice>} news */
  function tell(news) {
    now = { ...now, ...news };
    changed();
  }

  function callOff() {
    clearTimeout(timer);
    asking.abort();
    asking = new AbortController();
    return asking.signal;
  }

  /** @param {string} path @param {any} suggestion @param {AbortSignal} signal */
  async function first(path, suggestion, signal) {
    return (await post(path, { suggestions: [suggestion] }, { signal })).results[0];
  }

  /** @param {any} suggestion @param {AbortSignal} signal */
  async function askAll(suggestion, signal) {
    void askCheck(suggestion, signal);
    try {
      const triaged = await first("/v1/triage", suggestion, signal);
      if (signal.aborted) return;
      tell({ state: "done", triaged, problem: null });
    } catch (error) {
      return failed(error, signal, () => void askAll(suggestion, signal));
    }
    await askPrecedents(() => first("/v1/precedents", suggestion, signal), signal);
  }

  /** @param {any} suggestion @param {AbortSignal} signal */
  async function askCheck(suggestion, signal) {
    try {
      const checked = await first("/v1/check", suggestion, signal);
      if (!signal.aborted) tell({ checked, unchecked: "" });
    } catch (error) {
      later(
        error,
        signal,
        (words) => tell({ unchecked: words }),
        () => void askCheck(suggestion, signal),
      );
    }
  }

  /** @param {() => Promise<any>} ask @param {AbortSignal} signal */
  async function askPrecedents(ask, signal) {
    try {
      const { precedents } = await ask();
      if (!signal.aborted) tell({ precedents, unknown: "" });
    } catch (error) {
      later(
        error,
        signal,
        (unknown) => tell({ precedents: [], unknown }),
        () => void askPrecedents(ask, signal),
      );
    }
  }

  /** What goes beside the advice did not come: say so, and try again where that helps.
   * @param {unknown} error @param {AbortSignal} signal @param {(words: string) => void} say @param {() => void} again */
  function later(error, signal, say, again) {
    if (signal.aborted) return;
    const { code, message, passing } =
      error instanceof Problem ? error : new Problem({ detail_zh: String(error) });
    if (code === "no-index") tell({ indexed: false });
    say(code === "no-index" ? NO_INDEX : passing ? "暂时没有查到，正在自动重试。" : message);
    if (passing) setTimeout(() => signal.aborted || again(), AGAIN);
  }

  /** @param {unknown} error @param {AbortSignal} signal @param {() => void} again */
  function failed(error, signal, again) {
    if (signal.aborted) return;
    const problem = error instanceof Problem ? error : new Problem({ detail_zh: String(error) });
    tell({ state: now.triaged ? "done" : "failed", problem });
    if (problem.passing) timer = setTimeout(again, AGAIN);
  }

  return {
    /** What is known of the words as they stand. */
    get now() {
      return now;
    },

    /** The words changed. @param {any | null} suggestion null: there are none @param {{atOnce?: boolean}} [options] */
    typed(suggestion, { atOnce = false } = {}) {
      const words = JSON.stringify(suggestion);
      if (words === asked && now.state !== "failed") return;
      asked = words;
      const signal = callOff();
      now = nothing();
      if (!suggestion) return changed();
      tell({ state: "waiting" });
      timer = setTimeout(() => void askAll(suggestion, signal), atOnce ? 0 : PAUSE);
    },

    /**
     * A stored suggestion: its kept answer, or a new one, and what is not kept.
     * @param {string} id @param {any} suggestion @param {any} triaged null: ask for one, which is kept
     * @param {(answer: any) => void} kept is told of an answer that was asked for
     */
    async stored(id, suggestion, triaged, kept) {
      const signal = callOff();
      asked = "";
      now = nothing();
      tell({ state: triaged ? "done" : may("triage") ? "waiting" : "empty", triaged });
      const path = `/v1/suggestions/${encodeURIComponent(id)}`;
      try {
        if (!triaged && may("triage")) {
          const answer = await post(`${path}/triage`, undefined, { signal });
          if (signal.aborted) return;
          tell({ state: "done", triaged: answer.triaged, problem: null });
          kept(answer);
        }
        if (may("triage")) void askCheck(suggestion, signal);
      } catch (error) {
        return failed(error, signal, () => void this.stored(id, suggestion, now.triaged, kept));
      }
      await askPrecedents(() => get(`${path}/precedents`, { signal }), signal);
    },

    /** Ask no more. */
    stop: callOff,
  };
}
