/** The clerk's keys: accept what stands there, only hand it in, go on to the next. */
import { done, say, sayProblem } from "../../messages.js";
import { go } from "../../router.js";
import { may, me } from "../../session.js";
import { isSame, unchosen } from "./choice.js";
import { handIn, nextOpen, refusedSheet } from "./deciding.js";
import { keepSheet } from "./left.js";
import { isEmpty } from "./sheet.js";
import { decideKept, refresh } from "./stored.js";

/** @typedef {import("./view.js").One} One @typedef {import("./sheet.js").Sheet} Sheet */

const NOTHING = "还没有内容：请先写标题或正文。";

/** What stops a hand-in now; "" for nothing. @param {One} one */
function unready({ sheet }) {
  if (isEmpty(sheet)) return NOTHING;
  const id = sheet.id.trim();
  if (/[/\\]/.test(id) || id === "." || id === "..") return "编号里不能有 / 和 \\，也不能只有点，请改一改。";
  return "";
}

/** What stops a decision now; "" for nothing. @param {One} one */
function hindrance(one) {
  const { choice, kept } = one;
  if (!me()?.memory) return "本服务没有接数据库，只给建议，不能在这里交办。";
  if (!one.id && unready(one)) return unready(one);
  if (!may("decide")) return "这把钥匙只能查看，不能交办。";
  if (one.id && !kept) return "这件还没有取到，请稍等。";
  if (kept?.state === "erased") return "这件的正文已按保存期限清除，不能再交办。";
  if (one.advice.now.state === "waiting" && !choice.touched) return "正在分析，请看到建议后再按 F2。";
  const rest = one.leadPicker.rest() || one.coPicker.rest();
  if (rest) return `“${rest}”还没有选成单位：请在候选里按 Enter 选中，或者清空。`;
  if (!choice.lead.length) return "还没有主办单位：请在前五个里选一个，或按 F4 输入。";
  if (kept && isSame(choice, kept.decided)) return "没有改动：已经是这样交办的。按 F8 看下一件。";
  return "";
}

/** Decide as it stands there. @param {One} one */
export async function accept(one) {
  await Promise.all([one.leadPicker.settled(), one.coPicker.settled()]);
  if (one.busy) return;
  if (!one.id && one.registering && may("triage") && me()?.memory) return register(one);
  const words = hindrance(one);
  if (words) {
    say(words, { tone: "note" });
    if (!one.choice.lead.length && may("decide")) one.leadPicker.focus();
  } else if (one.kept) await decideKept(one);
  else await handInSheet(one, one.choice);
}

/** Hand the sheet in without a decision. @param {One} one */
export async function register(one) {
  if (one.busy) return;
  const words = unready(one);
  if (words) return say(words, { tone: "note" });
  await handInSheet(one, null);
}

/** @param {One} one @param {import("./choice.js").Choice | null} choice */
async function handInSheet(one, choice) {
  const { sheet, handed: before } = one;
  one.busy = true;
  one.draw();
  try {
    const id = await handIn(sheet, choice, (made) => refresh(one, made));
    if (!choice) say(`已登记 ${id}，留待交办。`);
    if (one.sheet !== sheet) return; // the clerk went on meanwhile
    if (sheet.confidential && !me()?.confidential) return startAnew(one);
    showHanded(one, id);
  } catch (error) {
    refused(one, error, sheet);
  } finally {
    if (one.sheet === sheet && one.handed === before) one.busy = false; // else its stored form comes at once
    one.draw();
  }
}

/** @param {One} one @param {string} id */
function showHanded(one, id) {
  one.handed = id;
  go("one", [id]);
}

/** What was not taken comes back to be mended. @param {One} one @param {any} error @param {Sheet} sheet */
function refused(one, error, sheet) {
  sayProblem(error);
  const here = one.sheet === sheet;
  if (error.handedIn) return here ? showHanded(one, error.handedIn) : undefined;
  if (here) return one.keep();
  if (!one.id && isEmpty(one.sheet)) return one.change(sheet);
  const run = () => fetchBack(one, sheet);
  say("没有登记成功的那件还留着，可以取回改正。", { tone: "wrong", action: { label: "取回", run } });
}

/** @param {One} one @param {Sheet} sheet */
function fetchBack(one, sheet) {
  if (!one.id) return one.replace(sheet, "已取回没有登记成功的那件");
  keepSheet({ sheet, choice: null, at: new Date().toISOString() });
  go("one");
}

/** What an earlier visit handed in and the service did not take. @param {One} one */
export async function recover(one) {
  if (one.id || one.busy || !isEmpty(one.sheet)) return;
  const sheet = await refusedSheet();
  if (!sheet) return;
  if (one.id || !isEmpty(one.sheet)) return fetchBack(one, sheet);
  one.change(sheet);
  one.told = "这件上次没有登记成功，已为您恢复，请改正后再交办。";
  one.draw();
}

/** On to the next: a clean sheet, or the next stored one. @param {One} one */
export async function next(one) {
  if (!one.typing) return nextStored(one);
  if (one.id) return go("one");
  const { sheet, busy, choice } = one;
  startAnew(one);
  if (busy || isEmpty(sheet)) return;
  done("已换一张空白的，刚才那件没有交办", async () => {
    if (one.id || !isEmpty(one.sheet)) return fetchBack(one, sheet);
    one.choice = choice;
    one.change(sheet);
  });
}

/** @param {One} one */
function startAnew(one) {
  for (const id of ["one-text", "one-title"]) {
    const field = /** @type {HTMLTextAreaElement | null} */ (document.getElementById(id));
    if (field) field.value = ""; // at once: who types on does not wait for the next frame
    field?.focus();
  }
  keepSheet(null);
  one.clean();
  one.choice = unchosen();
  one.resume();
  one.draw();
}

/** The next stored suggestion that is open, by the filter of the address. @param {One} one */
export async function nextStored(one) {
  try {
    const id = await nextOpen(one.query, one.passed);
    if (id) return go("one", [id], Object.fromEntries(one.query));
    say(one.passed.size ? "这一轮都看过了，没有别的待交办。" : "没有待交办的建议。", { tone: "note" });
    one.passed.clear();
  } catch (error) {
    sayProblem(error);
  }
}
