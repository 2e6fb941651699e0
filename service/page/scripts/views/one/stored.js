/** A stored suggestion on the page: fetched, followed, decided anew, withdrawn, sent back, closed. */
import { get, Problem } from "../../api.js";
import { ask } from "../../dialog.js";
import { draft, keepDraft } from "../../drafts.js";
import { madeHere } from "../../made.js";
import { say, sayProblem } from "../../messages.js";
import { focusLater } from "../../parts/focus.js";
import { me } from "../../session.js";
import { unchosen } from "./choice.js";
import { decide, pathOf, unitsOf, withdrawKept } from "./deciding.js";
import { historyOf } from "./history.js";

/** @typedef {import("./view.js").One} One */

const AGAIN = 3000;

/** @param {One} one */
export async function load(one) {
  const { id } = one;
  const { signal } = one.loading;
  one.passed.add(id);
  try {
    const kept = await get(pathOf(id), { signal });
    if (signal.aborted) return;
    const choice = draft(`one.${id}`);
    if (choice) Object.assign(one, { choice, told: "已恢复您上次选的单位和理由，还没有交办。" });
    show(one, kept);
    focusLater("one-heading");
    void advise(one, kept.answer);
    await fetchHistory(one, signal);
  } catch (error) {
    if (signal.aborted) return;
    const gone = error instanceof Problem && error.status === 404;
    one.trouble = gone
      ? `没有编号为 ${id} 的建议，或者您的钥匙看不到它。`
      : /** @type {Error} */ (error).message;
    if (error instanceof Problem && error.passing) setTimeout(() => signal.aborted || void load(one), AGAIN);
    one.draw();
  }
}

/** @param {One} one @param {any} kept */
function show(one, kept) {
  const { decided } = kept;
  Object.assign(one, { kept, trouble: "" });
  if (!one.choice.touched && decided) {
    const { lead, co, topics } = decided;
    one.choice = { ...unchosen(), lead, co, topic: topics[0] ?? "", reason: one.choice.reason };
  }
  one.advised();
}

/** @param {One} one @param {AbortSignal} signal */
async function fetchHistory(one, signal) {
  const history = await historyOf(one.id, one.kept.state);
  if (signal.aborted) return;
  one.history = history;
  one.draw();
}

/** The advice for it. @param {One} one @param {any | null} answer the kept one; null: ask for a new one */
export async function advise(one, answer) {
  const { title, text, source, session, date, proposers, wish, confidential, state } = one.kept;
  if (state === "erased") return;
  const suggestion = { title, text, source, session, date, proposers, wish, confidential };
  await one.advice.stored(one.id, suggestion, answer?.triaged ?? null, (made) => {
    one.kept = { ...one.kept, answer: made };
    one.advised();
  });
}

/** What stands now, after something was done. @param {One} one */
async function reload(one) {
  const { signal } = one.loading;
  const kept = await get(pathOf(one.id), { signal });
  if (signal.aborted) return;
  show(one, kept);
  await fetchHistory(one, signal);
}

/** What stands now, where it is still on the page. @param {One} one @param {string} id */
export async function refresh(one, id) {
  if (one.kept?.id !== id || one.loading.signal.aborted) return;
  one.choice = unchosen();
  await reload(one).catch(sayProblem);
}

/** What others do to it meanwhile. @param {One} one @param {import("../../changes.js").Change[]} changes */
export async function follow(one, changes) {
  const here = changes.filter((change) => change.suggestion === one.id);
  if (!one.kept || !here.length || one.busy) return;
  const { id, decision, version, answer } = one.kept;
  try {
    await reload(one);
  } catch (error) {
    return sayProblem(error);
  }
  if (one.kept?.id !== id) return; // the clerk went on meanwhile
  const { by } = here[here.length - 1];
  if (one.kept.version !== version) one.told = `${by || "别人"}刚刚改了这件的文字，请重新看过。`;
  if (one.kept.version !== version || one.kept.answer?.id !== answer?.id) void advise(one, one.kept.answer);
  if (one.kept.decision === decision || one.kept.decision === madeHere(one.id) || !by) return;
  const who = by === me()?.name ? "用同一把钥匙的人" : by;
  const { decided } = one.kept;
  one.told = `${who}刚刚${decided ? `交办了这件：${unitsOf(decided)}` : "撤回了这件的交办"}。`;
  one.draw();
}

/** Decide it as it was chosen. @param {One} one @param {number} [expected] the decision that was seen */
export async function decideKept(one, expected = one.kept.decision) {
  const { kept, choice } = one;
  one.conflict = null;
  await whileBusy(one, async () => {
    await decide(kept, choice, expected, () => refresh(one, kept.id));
    keepDraft(`one.${kept.id}`, null);
  });
}

/** Two clerks at once: keep the other's decision, or put one's own in its place. @param {One} one @param {boolean} mine */
export async function settle(one, mine) {
  const { number, lead } = one.conflict;
  one.kept = { ...one.kept, decided: lead ? one.conflict : null }; // which undo puts back
  one.conflict = null;
  if (mine) return decideKept(one, number);
  keepDraft(`one.${one.id}`, null);
  await whileBusy(one, async () => {});
}

/** @param {One} one */
export async function withdraw(one) {
  const { kept } = one;
  const reason = await ask({
    title: "撤回这件的交办？",
    text: `现在是${unitsOf(kept.decided)}。撤回后回到待交办，办理经过里会留下记录。`,
    yes: "撤回",
    words: { label: "撤回的理由（可不写）" },
  });
  if (reason !== null)
    await whileBusy(one, () => withdrawKept(kept, String(reason), () => refresh(one, kept.id)));
}

/**
 * Do something to it, and show what stands then.
 * @param {One} one @param {() => Promise<any>} does @param {string} [words] what to say of it
 */
export async function whileBusy(one, does, words = "") {
  const { kept } = one;
  one.busy = true;
  one.draw();
  try {
    await does();
    if (words) say(words);
    if (one.kept?.id !== kept.id) return; // the clerk went on meanwhile
    Object.assign(one, { choice: unchosen(), told: "" });
    await reload(one);
  } catch (error) {
    outrun(one, error, kept);
  } finally {
    if (one.kept?.id === kept.id) one.busy = false;
    one.draw();
  }
}

/** Another clerk was quicker: both decisions are shown, and this clerk chooses. @param {One} one @param {unknown} error
 * @param {any} kept */
function outrun(one, error, kept) {
  const changed = error instanceof Problem && error.code === "changed" && one.kept?.id === kept.id;
  if (!changed) return sayProblem(error);
  one.conflict = error.current;
  focusLater("one-conflict");
}
