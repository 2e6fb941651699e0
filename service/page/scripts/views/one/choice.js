/** Choosing the units: the first five leads, the helpers, others by typing, the topic, the reason. */
import { decisionWords, listed, percent, STATES } from "../../formats.js";
import { html, live, repeat } from "../../html.js";
import { may, me } from "../../session.js";
import { unitsOf } from "./deciding.js";

const LEADS = 5;
const HELPERS = 6;
/** From here on a helper is suggested, as on the meeting's sheet (docs/results.md). */
const SUGGESTED = 0.2;
/** Helpers that are less likely are not worth a line. */
const SHOWN = 0.05;

/** @typedef {{lead: string[], co: string[], topic: string, reason: string, touched: boolean}} Choice */

/** Nothing is chosen. @returns {Choice} */
export function unchosen() {
  return { lead: [], co: [], topic: "", reason: "", touched: false };
}

/** What the meeting's sheet would name. @param {any} triaged @param {any} [advice] the same as the service lists it
 * @returns {Choice} */
export function proposed(triaged, advice) {
  const firsts = triaged.matters.flatMap((/** @type {any} */ part) => part.lead.slice(0, 1));
  const parts = Array.from(new Set(firsts.map((/** @type {any} */ one) => one.unit)));
  const alone = triaged.mode !== "split" || parts.length < 2;
  const lead =
    advice?.leads ?? (alone ? triaged.lead.slice(0, 1).map((/** @type {any} */ one) => one.unit) : parts);
  const helpers = triaged.mode === "sole" ? [] : triaged.co;
  const likely = helpers.filter(
    (/** @type {any} */ one) => one.score >= SUGGESTED && !lead.includes(one.unit),
  );
  const co = advice?.co ?? likely.map((/** @type {any} */ one) => one.unit);
  return { ...unchosen(), lead, co, topic: topicsOf(triaged)[0]?.name ?? "" };
}

/** Helpers that can be ticked. @param {any} triaged @param {string[]} lead @returns {any[]} */
export function helpersOf(triaged, lead) {
  const likely = (triaged?.co ?? []).filter(
    (/** @type {any} */ one) => one.score >= SHOWN && !lead.includes(one.unit),
  );
  return likely.slice(0, HELPERS);
}

/** Topics of an answer, the deepest and likeliest first. @param {any} triaged @returns {any[]} */
export function topicsOf(triaged) {
  const deeper = (/** @type {any} */ one, /** @type {any} */ other) =>
    other.path.length - one.path.length || other.score - one.score;
  return [...(triaged?.topics ?? [])].sort(deeper);
}

/** Whether what is chosen is what was decided. @param {Choice} choice @param {any} decided */
export function isSame(choice, decided) {
  const told = (/** @type {any} */ one) => JSON.stringify([one.lead, [...one.co].sort()]);
  const same =
    !!decided && told(choice) === told(decided) && (choice.topic || "") === (decided.topics[0] ?? "");
  return same && (!choice.reason || choice.reason === decided.reason);
}

/**
 * @typedef {object} Deciding what the panel is told
 * @property {import("./asking.js").Advice} advice
 * @property {Choice} choice
 * @property {any} kept the stored suggestion, null for a sheet
 * @property {boolean} busy
 * @property {boolean} registering whether it can only be handed in: the key may not decide, or not see it afterwards
 * @property {string[]} topics all topics, once somebody asked for them
 * @property {any} leadPicker @property {any} coPicker
 * @property {(news: Partial<Choice>) => void} choose
 * @property {() => void} allTopics @property {() => void} again
 * @property {Record<"accept" | "register" | "change" | "reason" | "next" | "withdraw", () => void>} does
 */

/** @param {Deciding} one */
export function choiceTemplate(one) {
  return html`${howTemplate(one)} ${me()?.memory ? "" : withoutMemory()}
    <form class="one-choice" @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
      ${leadTemplate(one)} ${helpersTemplate(one)} ${topicTemplate(one)} ${reasonTemplate(one)}
    </form>
    ${barTemplate(one)}`;
}

/** How sure, in words. @param {Deciding} one */
function howTemplate({ advice, kept, again }) {
  const state = kept
    ? html`<span class="tag ${kept.state === "open" ? "none" : "sure"}">${stateOf(kept)}</span>`
    : "";
  return html`<div class="one-how">
    <p role="status">${state} ${sureness(advice, kept)}</p>
    ${
      advice.problem
        ? html`<p class="trouble" role="alert">
          ${advice.problem.message}
          ${
            advice.problem.passing
              ? "（正在自动重试）"
              : html`<button type="button" class="link" @click=${again}>再分析一次</button>`
          }
        </p>`
        : ""
    }
  </div>`;
}

/** @param {any} kept */
function stateOf(kept) {
  return kept.returned ? "已退单" : STATES[/** @type {keyof typeof STATES} */ (kept.state)];
}

/** @param {import("./asking.js").Advice} advice @param {any} kept */
function sureness({ state, triaged }, kept) {
  if (state === "empty") return html`<span class="hint">写好标题或正文，这里就给出建议。</span>`;
  if (state === "waiting") return html`<span class="hint">正在分析……</span>`;
  if (!triaged) return "";
  const words = decisionWords(triaged.decision);
  return html`<span class="tag ${words.tone}">${words.name}</span> ${kept?.decided ? "" : words.hint}`;
}

function withoutMemory() {
  return html`<p class="hint">
    本服务没有接数据库，只给建议：内容不会留存，也不能在这里交办。需要留存和交办，请管理员启动服务时加上 --data。
  </p>`;
}

/** @param {Deciding} one */
function leadTemplate({ advice, choice, leadPicker, choose, busy }) {
  const leads = (advice.triaged?.lead ?? []).slice(0, LEADS);
  const among =
    choice.lead.length === 1 && leads.some((/** @type {any} */ found) => found.unit === choice.lead[0]);
  const others = among || !(choice.touched || advice.triaged) ? [] : choice.lead;
  return html`<fieldset class="one-leads">
    <legend>主办单位</legend>
    <div class="one-advised" role="radiogroup" aria-label="主办单位，前五个">
      ${repeat(
        leads,
        (/** @type {any} */ found) => found.unit,
        (/** @type {any} */ found) => html`<label class="one-lead"
          ><input
            type="radio"
            name="one-lead"
            ?disabled=${busy || !mayDecide()}
            .checked=${live(among && choice.lead[0] === found.unit)}
            @change=${() => choose({ lead: [found.unit], co: choice.co.filter((unit) => unit !== found.unit) })}
          /><span>${found.unit}</span><span class="one-score">${percent(found.score)}</span></label
        >`,
      )}
    </div>
    ${mayName() ? leadPicker.template(others, { hint: "换别的单位：名称、简称、拼音首字母", disabled: busy }) : html`<p>${listed(others)}</p>`}
    ${others.length > 1 ? html`<p class="hint">${others.length}家分别主办（分办），各答各的部分。</p>` : ""}
  </fieldset>`;
}

/** @param {Deciding} one */
function helpersTemplate({ advice, choice, coPicker, choose, busy }) {
  const helpers = helpersOf(advice.triaged, choice.lead);
  const offered = helpers.map((/** @type {any} */ found) => found.unit);
  const others = choice.co.filter((unit) => !offered.includes(unit));
  const tick = (/** @type {string} */ unit, /** @type {boolean} */ on) =>
    choose({ co: on ? [...choice.co, unit] : choice.co.filter((other) => other !== unit) });
  return html`<fieldset class="one-helpers">
    <legend>会办单位</legend>
    <div class="one-advised">
      ${repeat(
        helpers,
        (/** @type {any} */ found) => found.unit,
        (/** @type {any} */ found) => html`<label class="one-helper"
          ><input
            type="checkbox"
            ?disabled=${busy || !mayDecide()}
            .checked=${live(choice.co.includes(found.unit))}
            @change=${(/** @type {any} */ event) => tick(found.unit, event.target.checked)}
          />${found.unit} <span class="one-score">${percent(found.score)}</span></label
        >`,
      )}
    </div>
    ${
      mayName()
        ? coPicker.template(others, { hint: "再加会办单位", disabled: busy })
        : html`<p>${listed(others)}</p>`
    }
  </fieldset>`;
}

/** @param {Deciding} one */
function topicTemplate({ advice, choice, topics, allTopics, choose, busy }) {
  const told = topicsOf(advice.triaged);
  const names = new Set([choice.topic, ...told.map((topic) => topic.name)]);
  const more = topics.filter((name) => !names.has(name));
  const known = told.some((topic) => topic.name === choice.topic);
  const option = (/** @type {string} */ name, /** @type {string} */ words) =>
    html`<option value=${name} .selected=${live(name === choice.topic)}>${words}</option>`;
  return html`<label class="one-topic"
    >类别
    <select
      ?disabled=${busy || !mayDecide()}
      @focus=${allTopics}
      @change=${(/** @type {any} */ event) => choose({ topic: event.target.value })}
    >
      ${choice.topic ? "" : option("", "（未定）")} ${choice.topic && !known ? option(choice.topic, choice.topic) : ""}
      ${told.map((topic) => option(topic.name, `${topic.path.join(" / ")}　${percent(topic.score)}`))}
      ${more.length ? html`<optgroup label="其他类别">${more.map((name) => option(name, name))}</optgroup>` : ""}
    </select></label
  >`;
}

/** @param {Deciding} one */
function reasonTemplate({ choice, choose, busy }) {
  if (!mayName()) return "";
  return html`<label class="one-reason"
    >理由
    <input
      id="one-reason"
      maxlength="2000"
      autocomplete="off"
      ?disabled=${busy}
      placeholder="为什么这样定（会记进交办记录）"
      .value=${live(choice.reason)}
      @input=${(/** @type {any} */ event) => choose({ reason: event.target.value })}
  /></label>`;
}

/** The keys, and what they would decide. @param {Deciding} one */
function barTemplate({ advice, choice, kept, busy, registering, does }) {
  const button = (
    /** @type {string} */ words,
    /** @type {string} */ key,
    /** @type {() => void} */ run,
    look = "",
  ) =>
    html`<button type="button" class="button ${look}" ?disabled=${busy} @click=${run}>
      ${words}${key ? html` <kbd>${key}</kbd>` : ""}
    </button>`;
  const onward = button("下一件", "F8", does.next);
  const bar = (/** @type {any} */ told, /** @type {any} */ keys) =>
    html`<div class="one-bar" role="group" aria-label="交办"><p>${busy ? "正在提交……" : told}</p>${keys} ${onward}</div>`;
  if (!me()?.memory) return bar("只给建议，不留存。", "");
  if (registering && !kept)
    return bar("这把钥匙只能登记，由别人交办。", button("登记", "F2", does.register, "primary"));
  if (!mayDecide()) return bar("这把钥匙只能查看，不能交办。", "");
  const advised = advice.triaged?.decision === "suggest" && !choice.touched;
  const words = kept?.decided ? "改交办" : advised ? "采纳，交办" : "交办";
  const units =
    choice.lead.length && (choice.touched || advice.triaged || kept?.decided) ? unitsOf(choice) : "";
  const keys = html`${button(words, "F2", does.accept, "primary")} ${button("改单位", "F4", does.change)}
  ${button("写理由", "F9", does.reason)} ${kept ? "" : button("只登记", "", does.register)}
  ${kept?.decided && kept.state === "decided" ? button("撤回交办", "", does.withdraw) : ""}`;
  return bar(units && html`<b>${units}</b>`, keys);
}

/** Whether other units than those of the advice can be named. */
function mayName() {
  return me()?.memory && may("decide");
}

function mayDecide() {
  return !me()?.memory || may("decide");
}
