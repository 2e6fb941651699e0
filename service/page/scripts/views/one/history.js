/** What happened to a stored suggestion: wordings, decisions, returns, the outcome, who and when; and adding to it. */
import { get } from "../../api.js";
import { calledOf, learnCallers } from "../../callers.js";
import { day, MODES, moment } from "../../formats.js";
import { html } from "../../html.js";
import { send } from "../../outbox.js";
import { pathOf, unitsOf } from "./deciding.js";

/** @typedef {{decisions: any[], returns: any[], versions: any[], outcome: any, apart: Finding[]}} History */
/** @typedef {import("../groups/apart.js").Finding} Finding */

/** @param {string} id @param {string} state @returns {Promise<History>} */
export async function historyOf(id, state) {
  const path = pathOf(id);
  const [decided, returned, worded, outcome, { findings }] = await Promise.all([
    get(`${path}/decisions`),
    get(`${path}/returns`),
    get(`${path}/versions`),
    state === "closed" ? get(`${path}/outcome`) : null,
    get("/v1/apart", { query: { kind: "merge", suggestion: id } }),
    learnCallers(),
  ]);
  const { decisions } = decided;
  return { decisions, returns: returned.returns, versions: worded.versions, outcome, apart: findings };
}

/** Note that a unit sent it back. @param {string} id @param {{unit: string, reason: string, day: string}} told */
export function sendBack(id, { unit, reason, day: on }) {
  const body = { unit, reason, day: on || null };
  return send({ method: "POST", path: `${pathOf(id)}/returns`, body, headers: {}, label: `登记 ${id} 退单` });
}

/** Record what became of it. @param {string} id @param {{outcome: string, reply: string, day: string}} told */
export function close(id, { outcome, reply, day: on }) {
  const body = { outcome, reply, day: on || null };
  return send({
    method: "PUT",
    path: `${pathOf(id)}/outcome`,
    body,
    headers: {},
    label: `登记 ${id} 办理结果`,
  });
}

/** @param {any} kept @param {History | null} history @param {{mayAdd: boolean, busy: boolean,
 *   onReturn: (told: any) => void, onOutcome: (told: any) => void}} options */
export function historyTemplate(kept, history, { mayAdd, busy, onReturn, onOutcome }) {
  if (!history) return html`<section class="card"><h2>办理经过</h2><p class="hint">正在取……</p></section>`;
  const lines = [
    ...history.versions.map((one) => ({ at: one.at, words: versionTemplate(one) })),
    ...history.decisions.map((one) => ({ at: one.at, words: decisionTemplate(one) })),
    ...history.returns.map((one) => ({ at: one.at, words: returnTemplate(one) })),
    ...(history.outcome ? [{ at: history.outcome.at, words: outcomeTemplate(history.outcome) }] : []),
  ].sort((one, other) => (one.at < other.at ? -1 : 1));
  return html`<section class="card one-history" aria-labelledby="one-history">
    <h2 id="one-history" tabindex="-1">办理经过</h2>
    <ol>
      ${lines.map(({ at, words }) => html`<li><time datetime=${at}>${moment(at)}</time><div>${words}</div></li>`)}
    </ol>
    ${
      mayAdd && kept.decided
        ? html`<div class="columns no-print">
          ${kept.state === "decided" ? returnForm(kept, busy, onReturn) : ""} ${outcomeForm(kept, history, busy, onOutcome)}
        </div>`
        : ""
    }
  </section>`;
}

/** @param {any} one */
function versionTemplate(one) {
  return html`<details>
    <summary>${one.number === 1 ? "登记" : `改为第${one.number}稿`}　${calledOf(one.actor)}${one.confidential ? "　保密" : ""}</summary>
    <p><b>${one.title}</b></p>
    <div class="one-words">${one.text}</div>
  </details>`;
}

/** @param {any} one */
function decisionTemplate(one) {
  const who = one.decided_by || calledOf(one.actor);
  const reason = one.reason ? html`<p class="hint">理由：${one.reason}</p>` : "";
  if (one.withdrawn) return html`${who} 撤回了交办。${reason}`;
  const suggested = one.suggested_lead.length
    ? unitsOf({ lead: one.suggested_lead, co: one.suggested_co })
    : "";
  const same = suggested === unitsOf(one);
  return html`${who} 交办：${unitsOf(one)}（${MODES[/** @type {keyof typeof MODES} */ (one.mode)]}）${
    one.day ? `，交办日期${day(one.day)}` : ""
  }。
    ${suggested ? html`<p class="hint">${same ? "与当时的建议一致。" : `当时的建议：${suggested}。`}</p>` : ""} ${reason}`;
}

/** @param {any} one */
function returnTemplate(one) {
  return html`<span class="tag wrong">退单</span> ${one.unit}于${day(one.day)}退回${one.reason ? `：${one.reason}` : "，没有写理由"}。
    <span class="hint">${calledOf(one.actor)} 登记</span>`;
}

/** @param {any} one */
function outcomeTemplate(one) {
  return html`<span class="tag sure">办结</span> 办理结果 ${one.outcome}，${day(one.day)}。
    <span class="hint">${calledOf(one.actor)} 登记</span>
    ${one.reply ? html`<details><summary>答复</summary><div class="one-words">${one.reply}</div></details>` : ""}`;
}

/** What a form holds. @param {SubmitEvent} event @returns {any} */
function toldBy(event) {
  event.preventDefault();
  return Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target)));
}

/** @param {any} kept @param {boolean} busy @param {(told: any) => void} onReturn */
function returnForm(kept, busy, onReturn) {
  return html`<details>
    <summary>登记退单</summary>
    <form @submit=${(/** @type {SubmitEvent} */ event) => onReturn(toldBy(event))}>
      <label class="field"
        >退单单位<select name="unit">
          ${[...kept.lead, ...kept.co].map((unit) => html`<option>${unit}</option>`)}
        </select></label
      >
      <label class="field">退单理由<textarea name="reason" rows="2" maxlength="2000"></textarea></label>
      <label class="field">退单日期<input type="date" name="day" /></label>
      <p class="hint">日期不填就是今天。登记以后原来的交办不变，请再定由谁办。</p>
      <p class="actions"><button class="button" ?disabled=${busy}>登记退单</button></p>
    </form>
  </details>`;
}

/** @param {any} kept @param {History} history @param {boolean} busy @param {(told: any) => void} onOutcome */
function outcomeForm(kept, history, busy, onOutcome) {
  const last = history.outcome;
  return html`<details>
    <summary>${kept.state === "closed" ? "更正办理结果" : "登记办理结果（办结）"}</summary>
    <form @submit=${(/** @type {SubmitEvent} */ event) => onOutcome(toldBy(event))}>
      <label class="field"
        >办理结果<input name="outcome" required maxlength="20" .value=${last?.outcome ?? ""} placeholder="如：A" autocomplete="off"
      /></label>
      <label class="field">答复<textarea name="reply" rows="3" maxlength="200000" .value=${last?.reply ?? ""}></textarea></label>
      <label class="field">答复日期<input type="date" name="day" /></label>
      <p class="actions"><button class="button" ?disabled=${busy}>登记结果</button></p>
    </form>
  </details>`;
}
