/** How one suggestion stands on the page: the text on the left, what to decide and why on the right, the like below. */
import { day, moment } from "../../formats.js";
import { html } from "../../html.js";
import { sayProblem } from "../../messages.js";
import { markedTemplate } from "../../parts/marks.js";
import { address } from "../../router.js";
import { may, me } from "../../session.js";
import { comparisonTemplate, precedentsTemplate, repeatsTemplate } from "./alike.js";
import { choiceTemplate } from "./choice.js";
import { unitsOf } from "./deciding.js";
import { accept, next, nextStored, register } from "./handing.js";
import { close, historyTemplate, sendBack } from "./history.js";
import { example, isBlank, isEmpty, markedField, parted, registerTemplate } from "./sheet.js";
import { settle, whileBusy, withdraw } from "./stored.js";
import {
  isOutdated,
  legendTemplate,
  marksOfAdvice,
  notesOf,
  notesTemplate,
  whyTemplate,
  withCheck,
  withoutPlaces,
} from "./why.js";

/** @typedef {import("./view.js").One} One */

/** @param {One} one */
export function oneTemplate(one) {
  if (one.trouble) return troubleTemplate(one);
  if (one.id && !one.kept)
    return html`<div class="one"><h1>${one.id}</h1><p class="starting">正在取……</p></div>`;
  if (!one.id && !may("triage")) return readOnlyTemplate(one);
  const { checked, unchecked } = one.advice.now;
  const given = one.advice.now.triaged;
  const triaged = withCheck(isOutdated(one.kept) ? withoutPlaces(given) : given, checked);
  const words = one.kept ?? one.sheet;
  const notes = notesOf(checked);
  const lead = one.choice.lead[0] ?? triaged?.lead[0]?.unit ?? "";
  const pointed = one.pointed.length ? one.pointed : one.pinned;
  const marks = marksOfAdvice(triaged, notes, lead, one.marks, pointed);
  const legend = legendTemplate(marksOfAdvice(triaged, notes, lead, {}, []), one.marks, (kind, on) =>
    one.turn(kind, on),
  );
  const pointing = {
    pinned: one.pinned,
    point: (/** @type {any} */ spans) => one.point(spans),
    pin: (/** @type {any} */ spans) => one.pin(spans),
  };
  return html`<div
    class="one ${one.dropping ? "one-dropping" : ""}"
    @dragover=${(/** @type {DragEvent} */ event) => drag(one, event, true)}
    @dragleave=${(/** @type {DragEvent} */ event) => drag(one, event, false)}
    @drop=${(/** @type {DragEvent} */ event) => drop(one, event)}
    @paste=${(/** @type {ClipboardEvent} */ event) => pasteFiles(one, event)}
  >
    <div role="status">${one.told ? html`<p class="one-told">${one.told}</p>` : ""}</div>
    ${conflictTemplate(one)}
    <div class="one-grid">
      <div class="one-left">
        ${one.kept ? keptTemplate(one, marks, legend) : sheetTemplate(one, marks, legend)}
        ${notesTemplate(checked, notes, pointing)}
        ${unchecked ? html`<p class="card hint">预审：${unchecked}</p>` : ""}
      </div>
      <div class="one-right">
        <section class="card one-deciding" aria-label="交办">${choiceTemplate(choiceOf(one))}</section>
        ${triaged ? html`<section class="card one-why" aria-label="依据">${whyTemplate(triaged, one.choice.lead, pointing)}</section>` : ""}
      </div>
    </div>
    ${
      triaged
        ? html`${comparisonTemplate(one.comparison, words, (hit) => void one.compare(hit))}
          <div class="columns">
            ${repeatsTemplate({ ...one.advice.now, triaged }, one.comparison, (hit) => void one.compare(hit), one.history?.apart ?? [])}
            ${precedentsTemplate(one.advice.now)}
          </div>`
        : ""
    }
    ${one.kept ? keptHistory(one) : ""}
  </div>`;
}

/** @param {One} one @returns {import("./choice.js").Deciding} */
function choiceOf(one) {
  const { choice, kept, busy, registering, topics, leadPicker, coPicker } = one;
  return {
    ...{ advice: one.advice.now, choice, kept, busy, registering, topics, leadPicker, coPicker },
    choose: (news) => one.choose(news),
    allTopics: () => void one.allTopics(),
    again: () => one.again(),
    does: {
      accept: () => void accept(one),
      register: () => void register(one),
      change: () => one.leadPicker.focus(),
      reason: focusReason,
      next: () => void next(one),
      withdraw: () => void withdraw(one),
    },
  };
}

/** @param {One} one */
function troubleTemplate(one) {
  return html`<div class="one">
    <h1>${one.id}</h1>
    <p class="empty" role="alert">${one.trouble}</p>
    <p class="actions one-centred">
      <a class="button" href=${address("list")}>看全部建议</a> <a class="button" href=${address("one")}>写新的一件</a>
    </p>
  </div>`;
}

/** A key that may only look: it can go through what is stored. @param {One} one */
function readOnlyTemplate(one) {
  return html`<div class="one">
    <h1>一件</h1>
    <p class="empty">这把钥匙不能分析新的建议，可以查看已登记的：从“全部建议”里点开，或者从最没有把握的看起。</p>
    <p class="actions one-centred">
      <button type="button" class="button primary" @click=${() => void nextStored(one)}>看待交办的</button>
      <a class="button" href=${address("list")}>全部建议</a>
    </p>
  </div>`;
}

/** @param {One} one @param {import("../../parts/marks.js").Mark[]} marks @param {any} legend */
function sheetTemplate(one, marks, legend) {
  const { sheet, busy } = one;
  return html`<section class="card one-sheet" aria-labelledby="one-heading">
    <div class="one-head">
      <h1 id="one-heading">一件</h1>
      <label class="button one-file"
        >打开 Word、文本文件<input
          type="file"
          accept=".docx,.txt,.md"
          ?disabled=${busy}
          @change=${(/** @type {any} */ event) => {
            void one.take(Array.from(event.target.files));
            event.target.value = "";
          }}
      /></label>
      ${isBlank(sheet) ? "" : html`<button type="button" class="button" ?disabled=${busy} @click=${() => void next(one)}>清空</button>`}
    </div>
    ${isEmpty(sheet) ? emptyTemplate(one) : ""}
    <p class="one-print">${sheet.title}</p>
    ${markedField({
      ...{ id: "one-title", label: "标题", field: "title", value: sheet.title, marks, locked: busy },
      onInput: (title) => one.change({ title: title.replace(/\s*\n\s*/g, "") }),
      onKey: toText,
      onPaste: (event) => pasteTitle(one, event),
    })}
    ${registerTemplate(sheet, (news) => one.change(news), busy)}
    ${markedField({
      ...{ id: "one-text", label: "正文", field: "text", value: sheet.text, marks, locked: busy },
      onInput: (text) => one.change({ text }),
    })}
    ${legend}
  </section>`;
}

/** @param {One} one */
function emptyTemplate(one) {
  const stored = me()?.memory && may("read");
  return html`<div class="one-empty">
    <ol>
      <li>把一件建议粘贴或写在下面，也可以把 Word 文件拖进来。</li>
      <li>停下来半秒，右边就给出主办、会办单位和依据，并在文中标出来。</li>
      <li>同意就按 <kbd>F2</kbd> 交办；不同意就改单位 <kbd>F4</kbd>；然后下一件 <kbd>F8</kbd>。</li>
    </ol>
    <p class="actions">
      <button type="button" class="button" @click=${() => one.replace(example(), "已填入例子")}>填一个例子试试</button>
      ${stored ? html`<button type="button" class="button" @click=${() => void nextStored(one)}>办已登记的</button>` : ""}
    </p>
  </div>`;
}

/** @param {One} one @param {import("../../parts/marks.js").Mark[]} marks @param {any} legend */
function keptTemplate(one, marks, legend) {
  const { kept } = one;
  const { title, text, source, session, date, proposers, wish, confidential, state, answer } = kept;
  const told = [
    kept.id,
    source,
    session,
    day(date),
    proposers.length && `提出人：${proposers.join("、")}`,
    wish && `希望${wish}承办`,
  ];
  return html`<section class="card one-kept" aria-labelledby="one-heading">
    <h1 id="one-heading" tabindex="-1">${title ? markedTemplate(title, "title", marks) : "（没有标题）"}</h1>
    <p class="hint">${told.filter(Boolean).join(" · ")} ${confidential ? html`<span class="tag wrong">保密</span>` : ""}</p>
    ${state === "erased" ? html`<p class="empty">正文已按保存期限清除，单位、类别、日期和结果还在。</p>` : ""}
    <div class="one-words">${markedTemplate(text, "text", marks)}</div>
    ${legend}
    ${
      answer
        ? html`<p class="hint">
          ${isOutdated(kept) ? outdatedTemplate(one) : ""}建议由模型 ${answer.model} 于${moment(answer.at)}给出。
        </p>`
        : ""
    }
  </section>`;
}

/** @param {One} one */
function outdatedTemplate(one) {
  return html`<strong>文字改过，建议是按旧稿给的。</strong>
    ${may("triage") ? html`<button type="button" class="link no-print" @click=${() => one.again()}>按现在的文字再分析</button>　` : ""}`;
}

/** @param {One} one */
function keptHistory(one) {
  const { id, kept, history, busy } = one;
  return historyTemplate(kept, history, {
    mayAdd: may("decide") && kept.state !== "erased",
    busy,
    onReturn: (told) => void whileBusy(one, () => sendBack(id, told), `已登记：${told.unit}退单。`),
    onOutcome: (told) => void whileBusy(one, () => close(id, told), `已登记办理结果：${told.outcome}。`),
  });
}

/** Two clerks at once. @param {One} one */
function conflictTemplate(one) {
  const { conflict, choice } = one;
  if (!conflict) return "";
  const { lead, decided_by: by, at, reason } = conflict;
  const theirs = lead
    ? html`${by || "别人"}${at ? `于${moment(at)}` : ""}交办：${unitsOf(conflict)}${reason ? `，理由：${reason}` : ""}。`
    : "别人刚刚撤回了交办，现在没有单位承办。";
  return html`<section class="card one-conflict" id="one-conflict" tabindex="-1" role="alertdialog" aria-label="别人先了一步">
    <h2>别人先了一步，请您定</h2>
    <dl class="one-facts">
      <dt>现在的</dt><dd>${theirs}</dd>
      <dt>您选的</dt><dd>${unitsOf(choice)}</dd>
    </dl>
    <p class="actions">
      <button type="button" class="button" @click=${() => void settle(one, false).catch(sayProblem)}>保留现在的</button>
      <button type="button" class="button primary" @click=${() => void settle(one, true).catch(sayProblem)}>改成我选的</button>
    </p>
  </section>`;
}

/** Where the clerk says why. */
export function focusReason() {
  document.getElementById("one-reason")?.focus();
}

/** @param {KeyboardEvent} event */
function toText(event) {
  if (event.key !== "Enter" || event.isComposing || event.ctrlKey) return;
  event.preventDefault();
  document.getElementById("one-text")?.focus();
}

/** Title and text that were copied together come apart. @param {One} one @param {ClipboardEvent} event */
function pasteTitle(one, event) {
  const found = parted(event.clipboardData?.getData("text/plain") ?? "");
  if (!found || one.sheet.title || one.sheet.text) return;
  event.preventDefault();
  one.change({ title: found[0], text: found[1] });
}

/** @param {One} one @param {ClipboardEvent} event */
function pasteFiles(one, event) {
  const files = event.clipboardData?.files;
  if (!files?.length || event.clipboardData?.types.includes("text/plain")) return;
  event.preventDefault();
  void one.take(files);
}

/** @param {One} one @param {DragEvent} event @param {boolean} over */
function drag(one, event, over) {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  if (one.dropping === over) return;
  one.dropping = over;
  one.draw();
}

/** @param {One} one @param {DragEvent} event */
function drop(one, event) {
  if (!event.dataTransfer?.files.length) return;
  event.preventDefault();
  void one.take(event.dataTransfer.files);
}
