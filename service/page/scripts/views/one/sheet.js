/** The sheet on which one suggestion is typed, pasted or dropped. */
import { post } from "../../api.js";
import { day } from "../../formats.js";
import { html, live } from "../../html.js";
import { markedTemplate } from "../../parts/marks.js";

/**
 * @typedef {object} Sheet what stands on it, as it is typed
 * @property {string} id @property {string} title @property {string} text @property {string} source
 * @property {string} session @property {string} date @property {string} proposers several, with 、 between
 * @property {string} wish @property {boolean} confidential
 */

/** @returns {Sheet} */
export function blank() {
  const none = { id: "", title: "", text: "", source: "", session: "", date: "", proposers: "", wish: "" };
  return { ...none, confidential: false };
}

/** An invented suggestion, to see how it goes. @returns {Sheet} */
export function example() {
  return {
    ...blank(),
    title: "关于在青石路小学门口增设红绿灯和护学岗的建议",
    text:
      "每天早上七点半到八点，青石路小学门口送孩子的电动车和汽车挤在一起，路口没有红绿灯，上个月已经发生两起剐蹭，" +
      "孩子过马路很危险。\n建议在校门口的路口增设信号灯和人行横道，上学、放学时段安排交警或志愿者值守，并请学校错时放学。",
    source: "群众",
  };
}

/** Whether there is nothing to ask about. @param {Sheet} sheet */
export function isEmpty(sheet) {
  return !sheet.title.trim() && !sheet.text.trim();
}

/** Whether nothing at all stands on it. @param {Sheet} sheet */
export function isBlank(sheet) {
  return JSON.stringify(sheet) === JSON.stringify(blank());
}

/** As the service takes it, without its id. @param {Sheet} sheet */
export function suggestionOf(sheet) {
  const { title, text, source, session, date, wish, confidential } = sheet;
  const proposers = sheet.proposers.split(/[、，,；;\n]+/).flatMap((name) => name.trim() || []);
  const given = { source: source.trim(), session: session.trim(), wish: wish.trim(), date: date || null };
  return { title, text, ...given, proposers, confidential };
}

/**
 * What a Word or text file says. @param {File} file @param {AbortSignal} [signal]
 * @returns {Promise<{title: string, text: string, notices: string[]}>}
 */
export async function letterOf(file, signal) {
  const form = new FormData();
  form.append("file", file, file.name);
  return post("/v1/documents", undefined, { form, signal });
}

/** Title and text of what was pasted into the title. @param {string} pasted @returns {[string, string] | null} */
export function parted(pasted) {
  const [title, ...rest] = pasted.trim().split(/\r?\n/);
  const text = rest.join("\n").trim();
  return text ? [title.trim(), text] : null;
}

/**
 * A field in which marks lie under what is typed: both have the same letters at the same places.
 * @param {{id: string, label: string, field: "title" | "text", value: string, marks: import("../../parts/marks.js").Mark[],
 *   locked: boolean, onInput: (value: string) => void, onKey?: (event: KeyboardEvent) => void,
 *   onPaste?: (event: ClipboardEvent) => void}} options
 */
export function markedField({ id, label, field, value, marks, locked, onInput, onKey, onPaste }) {
  const read = (/** @type {any} */ event) => onInput(event.target.value);
  return html`<label class="one-label" for=${id}>${label}</label>
    <div class="one-paper one-${field}">
      <div class="one-under" aria-hidden="true">${markedTemplate(value, field, marks)}${"\u200b"}</div>
      <textarea
        id=${id}
        rows="1"
        spellcheck="false"
        ?readonly=${locked}
        .value=${live(value)}
        @input=${read}
        @keydown=${onKey}
        @paste=${onPaste}
      ></textarea>
    </div>`;
}

const SOURCES = ["人大", "政协", "群众", "热线"];

/**
 * The few fields of the register, folded away; their values stand in the line that unfolds them.
 * @param {Sheet} sheet @param {(news: Partial<Sheet>) => void} change @param {boolean} locked
 */
export function registerTemplate(sheet, change, locked) {
  const said = [sheet.id, sheet.source, sheet.session, day(sheet.date), sheet.proposers];
  const told = [...said, sheet.wish && `希望${sheet.wish}承办`, sheet.confidential && "保密"].filter(Boolean);
  const field = (
    /** @type {"id" | "source" | "session" | "date" | "proposers" | "wish"} */ name,
    /** @type {string} */ label,
    { type = "text", hint = "", list = "" } = {},
  ) => html`<label class="field"
    >${label}<input
      name=${name}
      type=${type}
      maxlength="200"
      autocomplete="off"
      placeholder=${hint}
      list=${list}
      ?disabled=${locked}
      .value=${live(sheet[name])}
      @input=${(/** @type {any} */ event) => change({ [name]: event.target.value })}
  /></label>`;
  return html`<details class="one-register">
    <summary>登记信息${told.length ? `：${told.join(" · ")}` : "（来源、届次、日期、提出人……可不填）"}</summary>
    <div class="one-fields">
      ${field("source", "来源", { list: "one-sources" })} ${field("session", "届次", { hint: "如：十八届四次" })}
      ${field("date", "日期", { type: "date" })} ${field("proposers", "提出人", { hint: "多人用顿号隔开" })}
      ${field("wish", "希望承办单位")} ${field("id", "编号", { hint: "不填就自动编" })}
    </div>
    <datalist id="one-sources">${SOURCES.map((source) => html`<option value=${source}></option>`)}</datalist>
    <label class="check"
      ><input
        type="checkbox"
        ?disabled=${locked}
        .checked=${live(sheet.confidential)}
        @change=${(/** @type {any} */ event) => change({ confidential: event.target.checked })}
      />保密（没有保密权限的同事看不到）</label
    >
  </details>`;
}
