/** One group or conflict on the page: its texts with their leads, everybody who raised it, and one decision for all. */
import { day, decisionWords, listed, percent, STATES } from "../../formats.js";
import { guard, html, live } from "../../html.js";
import { unitPicker } from "../../parts/unit-picker.js";
import { address } from "../../router.js";
import { may } from "../../session.js";
import { proposersTold, titleOf } from "./matters.js";
import { pairsTemplate } from "./pairs.js";

/** @typedef {import("./matters.js").Matter} Matter @typedef {import("./matters.js").Choice} Choice */
/** @typedef {import("../list/rows.js").Row} Row */
/**
 * @typedef {object} Told what a card is told
 * @property {number} place counted from 1
 * @property {(id: string) => Row | undefined} row
 * @property {Choice} choice
 * @property {(change: Partial<Choice>) => void} choose
 * @property {() => void} decide
 * @property {() => void} leave the group is left as it is, each by itself
 * @property {boolean} busy
 * @property {import("../list/decide.js").Failure[]} failures of the last try
 * @property {any} precedents
 */

/** @param {{key: string, draw: () => void, onEnter: () => void, choose: (change: Partial<Choice>) => void}} options */
export function matterCard({ key, draw, onEnter, choose }) {
  const id = `groups-${key.replace(/[^a-zA-Z0-9]/g, "_")}`;
  const lead = unitPicker({
    id: `${id}-lead`,
    label: "主办单位",
    onChange: (units) => choose({ lead: units }),
    draw,
    onEnter,
  });
  const co = unitPicker({
    id: `${id}-co`,
    label: "会办单位",
    onChange: (units) => choose({ co: units }),
    draw,
    onEnter,
  });
  let open = false;

  /** @param {Matter} matter @param {Told} told */
  function template(matter, told) {
    const [first] = matter.members;
    const sources = [...new Set(matter.members.map(({ source }) => source).filter(Boolean))];
    const standing = matter.members.map((member) => told.row(member.id));
    return html`<article class="card groups-matter" id=${id} aria-labelledby="${id}-title" data-key=${matter.key}>
      <header class="row">
        <h3 id="${id}-title" tabindex="-1">第${told.place}组：${titleOf(first)}</h3>
        <span class="tag">${matter.members.length}件</span>
        <span class="tag none">同一事项，最弱的一对把握${percent(matter.score)}</span>
        ${sources.length > 1 ? html`<span class="tag unsure">来自${sources.join("、")}</span>` : ""}
      </header>
      ${guard([matter, told.place, told.choice.apart.join("\n"), ...standing], () => textsTemplate(matter, told))}
      ${
        matter.kind === "group" && matter.members.length > 1
          ? html`<details
            class="groups-why"
            .open=${open}
            @toggle=${(/** @type {any} */ event) => {
              if (open === event.target.open) return;
              open = event.target.open;
              draw();
            }}
          >
            <summary>为什么放在一组：哪里一样、哪里不同</summary>
            ${open ? pairsTemplate(matter) : ""}
          </details>`
          : ""
      }
      ${may("decide") ? decideTemplate(matter, told) : html`<p class="hint">您的钥匙只能查看，不能交办。</p>`}
    </article>`;
  }

  /** @param {Matter} matter @param {Told} told */
  function decideTemplate(
    matter,
    { row, choice, choose: change, decide, leave, busy, failures, precedents },
  ) {
    const some = matter.members.filter(({ id: one }) => !choice.apart.includes(one));
    const moved = some
      .map((member) => row(member.id))
      .filter((one) => one && one.state !== "open" && one.lead.join() !== choice.lead.join());
    return html`<div class="groups-decide">
      <div class="columns">${lead.template(choice.lead)}${co.template(choice.co, { hint: "没有可以空着" })}</div>
      <label class="field"
        >理由（记在每一件上）<input id="${id}-reason" maxlength="2000" .value=${live(choice.reason)} @input=${(/** @type {any} */ event) => change({ reason: event.target.value })} />
      </label>
      ${moved.length ? html`<p class="hint">注意：${listed(moved.map((one) => one?.id ?? ""))}已交办给别的单位，会改过来。</p>` : ""}
      ${
        failures.length
          ? html`<ul class="trouble" role="alert">${failures.map((one) => html`<li>${one.id}：${one.words}</li>`)}</ul>`
          : ""
      }
      <div class="actions">
        <button type="button" class="button primary" ?disabled=${busy || !some.length || !choice.lead.length} @click=${decide}>
          统一交办（${some.length}件）<kbd>F2</kbd>
        </button>
        <button type="button" class="button" ?disabled=${busy} @click=${leave}>${matter.kind === "group" ? "不并，各办各的" : "不统一，保持原样"}</button>
        ${precedents}
      </div>
    </div>`;
  }

  return {
    template,
    focusLead: () => lead.focus(),
    /** Wait for units that are on their way. @returns {Promise<string>} what was typed and is no unit; "" for nothing */
    settled: async () => {
      await Promise.all([lead.settled(), co.settled()]);
      return lead.rest() || co.rest();
    },
    focusReason: () => document.getElementById(`${id}-reason`)?.focus(),
    /** Put the cursor on the group. */
    focus: () => document.getElementById(`${id}-title`)?.focus(),
  };
}

/** Who raised it, and its texts. @param {Matter} matter @param {Told} told */
function textsTemplate(matter, told) {
  return html`<p>${proposersTold(matter, told.row)}</p>
    ${matter.kind === "group" ? membersTemplate(matter, told) : html`${sidesTemplate(matter, told)}<p class="hint">${matter.words}</p>`}`;
}

/** @param {Matter} matter @param {Told} told */
function membersTemplate(matter, told) {
  const decides = may("decide");
  return html`<div class="scroll" tabindex="0" role="region" aria-label="第${told.place}组的各件">
    <table>
      <caption class="visually-hidden">第${told.place}组的各件</caption>
      <thead>
        <tr>
          ${decides ? html`<th scope="col" class="no-print">一并交办</th>` : ""}
          <th scope="col">编号</th>
          <th scope="col">标题</th>
          <th scope="col">来源</th>
          <th scope="col">提出人</th>
          <th scope="col">日期</th>
          <th scope="col">与代表件</th>
          <th scope="col">主办、会办</th>
        </tr>
      </thead>
      <tbody>
        ${matter.members.map((member, order) => {
          const row = told.row(member.id);
          return html`<tr>
            ${decides ? html`<td class="no-print">${boxTemplate(member, told)}</td>` : ""}
            <th scope="row"><a href=${address("one", [member.id])}>${member.id}</a></th>
            <td>${titleOf(member)}</td>
            <td>${member.source}</td>
            <td>${(row?.proposers ?? member.proposers).join("、") || "（未登记）"}</td>
            <td>${day(member.date)}</td>
            <td>${order ? percent(member.probability ?? 0) : "代表件"}</td>
            <td>${unitsTemplate(row)}</td>
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

/** @param {Matter} matter @param {Told} told */
function sidesTemplate(matter, told) {
  const members = new Map(matter.members.map((member) => [member.id, member]));
  return html`<div class="groups-sides">
    ${matter.sides.map(
      ({ leads, ids }) => html`<section>
        <h4>${listed(leads) || "（没有主办单位）"} <span class="tag none">${ids.length}件</span></h4>
        <ul>
          ${ids.map((id) => {
            const member = members.get(id);
            if (!member) return "";
            const row = told.row(id);
            return html`<li>
              ${may("decide") ? boxTemplate(member, told) : ""}
              <a href=${address("one", [id])}>${id}</a> ${titleOf(member)}
              <small>${[member.source, (row?.proposers ?? []).join("、"), day(member.date)].filter(Boolean).join("，")}</small>
              ${unitsTemplate(row)}
            </li>`;
          })}
        </ul>
      </section>`,
    )}
  </div>`;
}

/** @param {{id: string}} member @param {Told} told */
function boxTemplate({ id }, { choice, choose }) {
  const apart = choice.apart.includes(id);
  const turn = () =>
    choose({ apart: apart ? choice.apart.filter((one) => one !== id) : [...choice.apart, id] });
  return html`<label class="groups-box"
    ><input type="checkbox" .checked=${live(!apart)} @change=${turn} aria-label="${id}一并交办"
  /></label>`;
}

/** Who leads and helps, by decision or by advice. @param {Row | undefined} row */
function unitsTemplate(row) {
  if (!row) return html`<span class="hint">……</span>`;
  if (row.lead.length) {
    const by = row.by ? html`<small>${row.by}刚刚改过</small>` : "";
    return html`<span class="tag sure">${STATES[/** @type {keyof typeof STATES} */ (row.state)] ?? row.state}</span> ${listed(row.lead)}${row.co.length ? `；会办：${row.co.join("、")}` : ""} ${by}`;
  }
  const words = decisionWords(row.advice?.decision);
  if (!row.advice) return html`<span class="tag none">${words.name}</span>`;
  const { leads, co, score } = row.advice;
  return html`建议：${listed(leads)}${co.length ? `；会办：${co.join("、")}` : ""} <span class="tag ${words.tone}">${words.name} ${percent(score)}</span>`;
}
