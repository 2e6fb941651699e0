/** Why: reasons, evidence and its words in the text, what the pre-check found at which place, what is to be asked. */
import { day, percent } from "../../formats.js";
import { html } from "../../html.js";
import { say } from "../../messages.js";
import { topicsOf } from "./choice.js";

/** @typedef {import("../../parts/marks.js").Mark} Mark @typedef {import("../../parts/marks.js").Span} Span */
/** @typedef {{kind: string, name: string, text: string, wording?: string, spans: Span[], number: string}} Note */

/** Kinds of marks, as the legend names them. */
export const KINDS = { duty: "职责用语", words: "起作用的词", place: "地名", finding: "预审提示" };
const URGENCIES = { safety: "人身安全", health: "健康", mass: "群体", deadline: "时限" };
const COPIES = {
  prompt: "像程序所写",
  blank: "有空白未填",
  web: "网页字样",
  boilerplate: "套话较多",
  repeated: "句子重复",
};
const PROPOSALS = { split: "建议分开提出", coordinate: "建议先协调再交办", "joint answer": "建议分办" };
const EVIDENCE = { duty: "职责", precedent: "先例", words: "用词", place: "地点", wish: "提出人意愿" };
const LEVELS = { 村: "村（社区）", 乡镇: "乡镇（街道）", 县: "县（区）", 市: "市", 省: "省及以上" };

/** @template {Record<string, string>} T @param {T} names @param {string} key @returns {string} */
function named(names, key) {
  return names[key] ?? key;
}

/** What the pre-check says: with a place in the text numbered, the others after them. @param {any} checked @returns {Note[]} */
export function notesOf(checked) {
  if (!checked) return [];
  const at = (/** @type {Span | null} */ span) => (span ? [span] : []);
  const found = [
    ...checked.tags.map((/** @type {any} */ tag) => ({
      kind: tag.kind,
      name: tag.name,
      text: [
        tag.source && `依据：${tag.source}${tag.article}`,
        tag.score < 1 && `可能性${percent(tag.score)}`,
      ]
        .filter(Boolean)
        .join("；"),
      wording: tag.wording,
      spans: at(tag.span),
    })),
    ...checked.urgency.map((/** @type {any} */ one) => ({
      kind: "紧急",
      name: named(URGENCIES, one.kind),
      text: `${one.reason}${one.due ? `，最晚${day(one.due)}` : ""}`,
      spans: at(one.span),
    })),
    ...checked.copied.map((/** @type {any} */ sign) => ({
      kind: "疑似拷贝",
      name: named(COPIES, sign.kind),
      text: sign.reason,
      spans: at(sign.span),
    })),
    ...checked.matters.map((/** @type {any} */ part, /** @type {number} */ place) => ({
      kind: `第${place + 1}件事`,
      name: part.ask || part.topic,
      text: part.lead.length ? `可能由${part.lead[0].unit}主办（${percent(part.lead[0].score)}）` : "",
      spans: part.spans,
    })),
    ...checked.missing.map((/** @type {string} */ text) => ({ kind: "可补充", name: "", text, spans: [] })),
    ...checked.wording.map((/** @type {string} */ wording) => ({
      kind: "答复用语",
      name: "",
      text: "",
      wording,
      spans: [],
    })),
  ];
  let last = 0;
  return found.map((note) => ({ ...note, number: note.spans.length ? String(++last) : "" }));
}

/** The advice with what only the pre-check was asked for: it reads places and levels also without the office's folder.
 * @param {any} triaged @param {any} checked */
export function withCheck(triaged, checked) {
  if (!triaged || !checked) return triaged;
  const both = (/** @type {"questions" | "notices"} */ name) => [
    ...new Set([...triaged[name], ...checked[name]]),
  ];
  const { jurisdiction = null, level = null } = triaged;
  const places = { jurisdiction: jurisdiction ?? checked.jurisdiction, level: level ?? checked.level };
  return { ...triaged, ...places, questions: both("questions"), notices: both("notices") };
}

/** Whether the advice is about an earlier wording. @param {any} kept the stored suggestion; null for a sheet */
export function isOutdated(kept) {
  return Boolean(kept?.answer) && kept.answer.version !== kept.version;
}

/** Advice about an earlier wording: its places in the text are not those of the text that stands here.
 * @param {any} triaged */
export function withoutPlaces(triaged) {
  if (!triaged) return triaged;
  const nowhere = { field: "", start: 0, end: 0 };
  const repeats = triaged.duplicates.map((/** @type {any} */ hit) => {
    const shared = hit.evidence.shared.map((/** @type {any} */ phrase) => ({ ...phrase, here: nowhere }));
    return { ...hit, evidence: { ...hit.evidence, shared } };
  });
  return {
    ...triaged,
    evidence: triaged.evidence.map((/** @type {any} */ one) => ({ ...one, spans: [] })),
    jurisdiction: triaged.jurisdiction && { ...triaged.jurisdiction, mentions: [] },
    duplicates: repeats,
  };
}

/**
 * All marks of the text: for the lead that is chosen, the kinds that are switched on, and what is pointed at.
 * @param {any} triaged @param {Note[]} notes @param {string} lead @param {Record<string, boolean>} on
 * @param {Span[]} pointed @returns {Mark[]}
 */
export function marksOfAdvice(triaged, notes, lead, on, pointed) {
  const all = (/** @type {string} */ kind, /** @type {Span[]} */ spans) =>
    on[kind] === false ? [] : spans.map((span) => ({ kind, span }));
  const said = (triaged?.evidence ?? []).filter((/** @type {any} */ one) => one.unit === lead);
  const places = triaged?.jurisdiction?.mentions ?? [];
  const findings = on.finding === false ? [] : notes;
  return [
    ...findings.flatMap(({ spans, number }) =>
      spans.map((span, place) => ({ kind: "finding", span, note: place === spans.length - 1 ? number : "" })),
    ),
    ...all("place", places),
    ...said.flatMap((/** @type {any} */ one) => all(one.kind, one.spans ?? [])),
    ...pointed.map((span) => ({ kind: "pointed", span })),
  ];
}

/** Switches for the kinds of marks that there are. @param {Mark[]} marks of all kinds, on or off
 * @param {Record<string, boolean>} on @param {(kind: string, on: boolean) => void} turn */
export function legendTemplate(marks, on, turn) {
  const kinds = Object.entries(KINDS).filter(([kind]) => marks.some((mark) => mark.kind === kind));
  if (!kinds.length) return "";
  return html`<fieldset class="one-legend">
    <legend>文中标记</legend>
    ${kinds.map(
      ([kind, name]) => html`<label
        ><input
          type="checkbox"
          .checked=${on[kind] !== false}
          @change=${(/** @type {any} */ event) => turn(kind, event.target.checked)}
        /><mark class=${kind}>${name}</mark></label
      >`,
    )}
  </fieldset>`;
}

/**
 * @typedef {object} Pointing
 * @property {Span[]} pinned what stays pointed at
 * @property {(spans: Span[]) => void} point for as long as the mouse or the focus is there
 * @property {(spans: Span[]) => void} pin
 */

/** A line that shows its own words in the text. @param {Span[]} spans @param {any} words @param {Pointing} pointing */
function pointerTemplate(spans, words, { pinned, point, pin }) {
  if (!spans.length) return html`<span class="one-line">${words}</span>`;
  const leave = () => point([]);
  return html`<button
    type="button"
    class="one-line"
    aria-pressed=${pinned === spans}
    title="在文中指出"
    @mouseenter=${() => point(spans)}
    @mouseleave=${leave}
    @focus=${() => point(spans)}
    @blur=${leave}
    @click=${() => pin(pinned === spans ? [] : spans)}
  >
    ${words}
  </button>`;
}

/** @param {any} triaged @param {string[]} leads those that are chosen @param {Pointing} pointing */
export function whyTemplate(triaged, leads, pointing) {
  if (!triaged) return "";
  const units = Array.from(new Set(triaged.evidence.map((/** @type {any} */ one) => one.unit)));
  const chosen = units.filter((unit) => leads.includes(/** @type {string} */ (unit)));
  const others = units.filter((unit) => !chosen.includes(unit));
  return html`<h2>为什么</h2>
    <ul class="one-reasons">
      ${triaged.reasons.map((/** @type {any} */ reason) => html`<li>${reason.text}</li>`)}
    </ul>
    ${chosen.map((unit) => evidenceTemplate(triaged, unit, pointing))}
    ${leads.length && !chosen.length ? html`<p class="hint">没有找到支持${leads.join("、")}的依据。</p>` : ""}
    ${
      others.length
        ? html`<details>
          <summary>其他单位的依据（${others.length}家）</summary>
          ${others.map((unit) => evidenceTemplate(triaged, unit, pointing))}
        </details>`
        : ""
    }
    ${factsTemplate(triaged)}`;
}

/** @param {any} triaged @param {any} unit @param {Pointing} pointing */
function evidenceTemplate(triaged, unit, pointing) {
  const told = triaged.evidence.filter((/** @type {any} */ one) => one.unit === unit);
  return html`<h3>${unit}</h3>
    <ul class="one-evidence">
      ${told.map(
        (/** @type {any} */ one) => html`<li>
          ${pointerTemplate(
            one.spans ?? [],
            html`<span class="one-kind one-kind-${one.kind}">${named(EVIDENCE, one.kind)}</span> ${one.text}`,
            pointing,
          )}
        </li>`,
      )}
    </ul>`;
}

/** Mode, topic, whose ground, level, committee, risk of a return, and what to ask. @param {any} triaged */
function factsTemplate(triaged) {
  const { jurisdiction, level, committee, return_risk: risk, questions, notices, systems } = triaged;
  const topic = topicsOf(triaged)[0];
  const ground =
    jurisdiction &&
    (jurisdiction.path.join(" / ") ||
      jurisdiction.outside.map((/** @type {any} */ one) => `${one}（不在本地）`).join("、"));
  /** @type {[string, any][]} */
  const facts = [
    ["类别", topic ? topic.path.join(" / ") : ""],
    ["办理方式", { sole: "独办", joint: "会办", split: "分办" }[/** @type {"sole"} */ (triaged.mode)]],
    ["属地", ground ? `${ground}${jurisdiction.learned ? "（按以往办件推断）" : ""}` : ""],
    ["办理层级", level?.level ? `${named(LEVELS, level.level)}　${percent(level.score)}` : ""],
    [
      "系统",
      systems?.length > 1
        ? systems.map((/** @type {any} */ one) => `${one.name} ${percent(one.score)}`).join("、")
        : "",
    ],
    ["对口专工委", committee],
    ["退单可能", risk ? riskTemplate(risk) : ""],
  ];
  const told = facts.filter(([, value]) => value);
  return html`<h3>其他判断</h3>
    <dl class="one-facts">${told.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
    ${listTemplate("请先弄清", questions)} ${listTemplate("说明", notices)}`;
}

/** @param {any} risk */
function riskTemplate(risk) {
  return html`${percent(risk.score)}${risk.learned ? "" : "（未从退单记录中学习）"}${risk.reasons.map(
    (/** @type {string} */ reason) => html`<br />${reason}`,
  )}`;
}

/** @param {string} title @param {string[]} lines */
function listTemplate(title, lines) {
  if (!lines?.length) return "";
  return html`<h3>${title}</h3>
    <ul class="one-reasons">
      ${lines.map((line) => html`<li>${line}</li>`)}
    </ul>`;
}

/** The numbered findings, beside the text. @param {any} checked @param {Note[]} notes @param {Pointing} pointing */
export function notesTemplate(checked, notes, pointing) {
  if (!checked || !notes.length) return "";
  const proposal = checked.proposal ? `：${named(PROPOSALS, checked.proposal)}` : "";
  return html`<section class="card one-notes" aria-labelledby="one-notes">
    <h2 id="one-notes">预审提示${proposal}</h2>
    <ul>
      ${notes.map(
        (note) => html`<li>
          ${note.number ? html`<span class="one-number">${note.number}</span>` : ""}
          ${pointerTemplate(note.spans, html`<b>${note.kind}</b> ${note.name}${note.name && note.text ? "：" : ""}${note.text}`, pointing)}
          ${note.wording ? wordingTemplate(note.wording) : ""}
        </li>`,
      )}
    </ul>
  </section>`;
}

/** A paragraph to paste into a reply. @param {string} wording */
function wordingTemplate(wording) {
  const copy = () =>
    void navigator.clipboard?.writeText(wording).then(
      () => say("已复制，可以粘贴到答复里。"),
      () => say("浏览器不让复制，请选中文字后按 Ctrl+C。", { tone: "wrong" }),
    );
  return html`<q class="one-wording">${wording}</q>
    ${navigator.clipboard ? html`<button type="button" class="link no-print" @click=${copy}>复制</button>` : ""}`;
}
