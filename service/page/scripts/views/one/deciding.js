/** What the clerk's keys do to a suggestion: hand in, decide, change, withdraw, and all of that back again. */
import { get, requestName } from "../../api.js";
import { draft, keepDraft } from "../../drafts.js";
import { listed } from "../../formats.js";
import { forgetMade, madeHere, noteMade } from "../../made.js";
import { done } from "../../messages.js";
import { send, sendChain, waiting } from "../../outbox.js";
import { me } from "../../session.js";
import { keepSheet } from "./left.js";
import { suggestionOf } from "./sheet.js";

/** @typedef {import("./choice.js").Choice} Choice @typedef {import("./sheet.js").Sheet} Sheet */

const HANDED = "one.handed";

/** Ids of sheets that are on their way. @type {Set<string>} */
const underWay = new Set();

/** @param {string} id */
export function pathOf(id) {
  return `/v1/suggestions/${encodeURIComponent(id)}`;
}

/** An id like those that the service makes: nobody has it, so what is sent after the hand-in can name it already. */
function madeId() {
  const today = new Date();
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  return `S${today.getFullYear()}${two(today.getMonth() + 1)}${two(today.getDate())}-${requestName().slice(0, 12)}`;
}

/** The header that says which decision was seen. @param {number} number 0 for none @returns {Record<string, string>} */
function seen(number) {
  return number ? { "If-Match": `"${number}"` } : { "If-None-Match": "*" };
}

/** @param {Choice} choice @param {number | null} answer */
function decisionOf({ lead, co, topic, reason }, answer) {
  const topics = topic ? [topic] : [];
  return {
    lead,
    co: co.filter((unit) => !lead.includes(unit)),
    topics,
    reason,
    decided_by: me()?.name ?? "",
    answer,
  };
}

/** Units as a sentence names them. @param {{lead: string[], co: string[]}} decision */
export function unitsOf({ lead, co }) {
  return `${listed(lead)}主办${co.length ? `，${listed(co)}会办` : ""}`;
}

/**
 * Hand a sheet in, and decide it in the same go. Both are written down at once; the decision is about the answer that the
 * service kept when it took the sheet in.
 * @param {Sheet} sheet @param {Choice | null} choice null: only hand it in
 * @param {(id: string) => Promise<void>} after is called after it was taken back @returns {Promise<string>} its id
 */
export async function handIn(sheet, choice, after) {
  const id = sheet.id.trim() || madeId();
  const body = { suggestions: [{ id, ...suggestionOf(sheet) }], triage: true };
  /** @type {Parameters<typeof sendChain>[0]} */
  const requests = [{ method: "POST", path: "/v1/suggestions", body, label: `登记 ${id}`, headers: {} }];
  const decide = { method: "PUT", path: `${pathOf(id)}/decision`, label: `交办 ${id}` };
  if (choice) requests.push({ ...decide, body: decisionOf(choice, null), headers: seen(0) });
  keepDraft(HANDED, { ...draft(HANDED), [id]: sheet });
  keepSheet(null);
  underWay.add(id);
  const answers = await Promise.allSettled(sendChain(requests));
  underWay.delete(id);
  forget(id);
  const refused = answers.find((answer) => answer.status === "rejected");
  if (refused) throw Object.assign(refused.reason, { handedIn: answers[0].status === "fulfilled" ? id : "" });
  if (choice) {
    const { data } = /** @type {any} */ (answers[1]).value;
    noteMade(id, data.number);
    doneWith(
      `已交办 ${id}：${unitsOf(data)}`,
      () => withdraw(id, data.number),
      () => after(id),
    );
  }
  return id;
}

/** Say what was done; the way back also shows what stands then. @param {string} label @param {() => Promise<any>} back
 * @param {() => Promise<void>} after */
function doneWith(label, back, after) {
  done(label, async () => {
    await back();
    await after();
  });
}

/** @param {string} id */
function forget(id) {
  const { [id]: _, ...others } = draft(HANDED) ?? {};
  keepDraft(HANDED, Object.keys(others).length ? others : null);
}

/**
 * A sheet of an earlier visit that the service did not take: it was refused when nobody was there to see it.
 * @returns {Promise<Sheet | null>}
 */
export async function refusedSheet() {
  if (waiting()) return null;
  for (const [id, sheet] of Object.entries(draft(HANDED) ?? {})) {
    if (underWay.has(id)) continue;
    try {
      const kept = await get(pathOf(id));
      forget(id);
      if (kept.title !== sheet.title || kept.text !== sheet.text) return sheet; // the id was another one's
    } catch (error) {
      if (/** @type {any} */ (error).status !== 404) return null;
      forget(id);
      if (!sheet.confidential || me()?.confidential) return sheet;
    }
  }
  return null;
}

/**
 * Decide a stored suggestion, or decide it anew. The way back puts the former decision in place again.
 * @param {any} kept as it was seen @param {Choice} choice @param {number} expected the decision that was seen
 * @param {() => Promise<void>} after is called after it was taken back
 */
export async function decide(kept, choice, expected, after) {
  const { id, decided } = kept;
  const held = await put(id, decisionOf(choice, kept.answer?.id ?? null), expected, `交办 ${id}`);
  const back = () => (decided ? restore(id, decided, held) : withdraw(id, held));
  doneWith(`已交办 ${id}：${unitsOf(choice)}`, back, after);
}

/** @param {string} id @param {any} body @param {number} expected @param {string} label @returns {Promise<number>} */
async function put(id, body, expected, label) {
  const { data } = await send({
    method: "PUT",
    path: `${pathOf(id)}/decision`,
    body,
    headers: seen(expected),
    label,
  });
  noteMade(id, data.number);
  return data.number;
}

/** A decision that held is made once more. @param {string} id @param {any} decided @param {number} held */
function restore(id, { lead, co, topics, decided_by, day }, held) {
  const body = { lead, co, topics, decided_by, day, reason: "撤销后恢复原来的交办" };
  return put(id, body, madeHere(id) ?? held, `恢复 ${id} 原来的交办`);
}

/** Take a decision back. @param {string} id @param {number} held the decision @param {string} [reason] */
async function withdraw(id, held, reason = "") {
  const headers = seen(madeHere(id) ?? held);
  const request = { method: "DELETE", path: `${pathOf(id)}/decision`, body: { reason }, headers };
  const { data } = await send({ ...request, label: `撤回 ${id} 的交办` });
  noteMade(id, data.number);
  return data.number;
}

/** Take the decision that holds back; the way back decides the same again. @param {any} kept @param {string} reason
 * @param {() => Promise<void>} after */
export async function withdrawKept(kept, reason, after) {
  const { id, decided } = kept;
  forgetMade(id);
  const held = await withdraw(id, decided.number, reason);
  doneWith(`已撤回 ${id} 的交办`, () => restore(id, decided, held), after);
}

/** The next stored suggestion to decide: what is unsure first. @param {URLSearchParams} query a filter of the list
 * @param {Set<string>} passed those that were looked at @returns {Promise<string>} "" where there is none */
export async function nextOpen(query, passed) {
  /** @type {Record<string, string[]>} */
  const filter = {};
  for (const name of query.keys()) filter[name] = query.getAll(name);
  let cursor = "";
  do {
    const page = await get("/v1/suggestions", {
      query: { ...filter, state: "open", order: "unsure", limit: 50, cursor },
    });
    const found = page.suggestions.find((/** @type {any} */ row) => !passed.has(row.id));
    if (found) return found.id;
    cursor = page.next;
  } while (cursor);
  return "";
}
