/** Deciding about several rows at once: what is sent, what became of each, and the way back. */
import { get, Problem } from "../../api.js";
import { listed, number } from "../../formats.js";
import { madeHere, noteMade } from "../../made.js";
import { done } from "../../messages.js";
import { send } from "../../outbox.js";
import { me } from "../../session.js";

/** @typedef {import("./rows.js").Row} Row */
/** @typedef {{suggestion: string, expected: number, lead?: string[], co?: string[], topics?: string[], reason?: string,
 *   decided_by?: string, answer?: number | null, withdraw?: boolean}} Decision */
/** @typedef {{id: string, title: string, words: string}} Failure */

const PART = 200;

/** The decision that follows the advice, or null where there is none to follow. @param {Row} row @returns {Decision | null} */
export function asAdvised({ id, decision, advice }) {
  if (!advice?.leads.length) return null;
  const topics = advice.topic ? [advice.topic] : [];
  return {
    suggestion: id,
    expected: decision,
    lead: advice.leads,
    co: advice.co,
    topics,
    answer: advice.answer,
  };
}

/** @param {Row} row @param {{lead: string[], co: string[], reason: string}} wanted @returns {Decision} */
export function asWanted({ id, decision, topic, advice }, { lead, co, reason }) {
  const kept = topic || advice?.topic;
  return {
    suggestion: id,
    expected: decision,
    lead,
    co,
    reason,
    topics: kept ? [kept] : [],
    answer: advice?.answer ?? null,
  };
}

/**
 * Send decisions and tell what became of each.
 *
 * @param {Decision[]} decisions
 * @param {{label: string, store: {row: (id: string) => Row | undefined, patch: (deeds: any[]) => void,
 *   refresh: (ids: string[]) => Promise<void>, hold: (on: boolean) => void}, progress?: (sent: number) => void,
 *   again?: boolean}} options `again`: it is itself the way back, so none is offered
 * @returns {Promise<{made: string[], failures: Failure[]}>} ids of those that were decided, and what was refused, why
 */
export async function decideAll(decisions, { label, store, progress = () => {}, again = true }) {
  const before = new Map(decisions.map(({ suggestion }) => [suggestion, store.row(suggestion)]));
  store.hold(true);
  const sending = inParts(decisions, label, progress).then((results) => {
    store.patch(results.flatMap((one, place) => (one.problem ? [] : [patchOf(decisions[place], one)])));
    return results;
  });
  const results = await sending.finally(() => store.hold(false));
  const failed = results.filter((result) => result.problem);
  if (failed.length) await store.refresh(failed.map((result) => result.suggestion));
  const made = results.filter((result) => !result.problem);
  for (const { suggestion, number: held } of made) noteMade(suggestion, held);
  if (made.length && again)
    done(`${label} ${number(made.length)}件`, () => takeBack(made, before, store, label));
  return {
    made: made.map((result) => result.suggestion),
    failures: failed.map((result) => failureOf(result, before)),
  };
}

/**
 * All parts are written down at once, so that none is lost with the page; the outbox sends them one by one.
 * @param {Decision[]} decisions @param {string} label @param {(sent: number) => void} progress @returns {Promise<any[]>}
 */
async function inParts(decisions, label, progress) {
  const parts = [];
  for (let from = 0; from < decisions.length; from += PART) parts.push(decisions.slice(from, from + PART));
  let sent = 0;
  const answers = [];
  for (const part of parts) {
    const answer = resultsOf(part, label).then((results) => {
      sent += part.length;
      progress(sent);
      return results;
    });
    answers.push(answer);
    await new Promise((resolve) => setTimeout(resolve)); // writing down takes longer the more there is
  }
  return (await Promise.all(answers)).flat();
}

/** @param {Decision[]} part @param {string} label @returns {Promise<any[]>} */
async function resultsOf(part, label) {
  const by = me()?.name ?? "";
  const body = { decisions: part.map((one) => ({ decided_by: by, ...one })) };
  try {
    return (await send({ method: "POST", path: "/v1/decisions", body, label: `${label} ${part.length}件` }))
      .data.results;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const problem = { title_zh: error.title, detail_zh: error.message, code: error.code };
    return part.map(({ suggestion }) => ({ suggestion, problem }));
  }
}

/** A row as our decision leaves it. @param {Decision} decision @param {{number: number, state: string}} result */
function patchOf({ suggestion, lead = [], co = [], topics = [] }, result) {
  return {
    id: suggestion,
    decision: result.number,
    state: result.state,
    lead,
    co,
    topic: topics[0] ?? "",
    returned: false,
    by: "",
  };
}

/** @param {any} result @param {Map<string, Row | undefined>} before @returns {Failure} */
function failureOf({ suggestion, problem }, before) {
  const title = before.get(suggestion)?.title ?? "";
  return {
    id: suggestion,
    title,
    words: changedWords(problem) || problem.detail_zh || problem.title_zh || problem.detail,
  };
}

/** What somebody else decided meanwhile. @param {any} problem */
function changedWords({ code, current }) {
  if (code !== "changed" && code !== "already-there") return "";
  if (!current?.lead?.length) return "别人刚刚改过，现在没有生效的交办。请看过再定。";
  const co = current.co?.length ? `，会办 ${listed(current.co)}` : "";
  return `${current.decided_by || "别人"}已经交办给${listed(current.lead)}${co}。要改，请用“交办给…”。`;
}

/**
 * Put back what stood before: the earlier decision, else none.
 * @param {{suggestion: string, number: number}[]} made @param {Map<string, Row | undefined>} before
 * @param {Parameters<typeof decideAll>[1]["store"]} store @param {string} label
 */
async function takeBack(made, before, store, label) {
  const decisions = [];
  for (const { suggestion, number: ours } of made) {
    const row = before.get(suggestion);
    const expected = madeHere(suggestion) ?? ours;
    const held = row && !row.lead.length ? null : await earlier(suggestion, ours);
    const back = held ?? { suggestion, withdraw: true, reason: `撤销：${label}` };
    decisions.push({ ...back, expected });
  }
  const { failures } = await decideAll(decisions, { label: "撤销", store, again: false });
  if (failures.length) {
    const words = failures.slice(0, 3).map((failure) => `${failure.id}：${failure.words}`);
    throw new Error(`有${failures.length}件没有撤销。${words.join("")}`);
  }
}

/**
 * The decision that held before this one, to be made again; null where there was none.
 * @param {string} suggestion @param {number} ours @returns {Promise<Omit<Decision, "expected"> | null>}
 */
async function earlier(suggestion, ours) {
  const { decisions } = await get(`/v1/suggestions/${encodeURIComponent(suggestion)}/decisions`);
  const held = decisions.filter((/** @type {any} */ one) => one.number < ours).at(-1);
  if (!held || held.withdrawn) return null;
  const { lead, co, topics, reason, decided_by, answer } = held;
  return { suggestion, lead, co, topics, reason, decided_by, answer };
}
