/** Why texts stand in one group: what each shares with the representative, with the words marked, and what differs. */
import { get, Problem } from "../../api.js";
import { day, listed, percent } from "../../formats.js";
import { html } from "../../html.js";
import { markedTemplate } from "../../parts/marks.js";
import { address } from "../../router.js";
import { titleOf } from "./matters.js";

/** @typedef {import("./matters.js").Matter} Matter @typedef {import("./matters.js").Member} Member */

/** @param {Matter} matter */
export function pairsTemplate({ members: [first, ...others] }) {
  return others.map((other) => pairTemplate(first, other));
}

/** @param {Member} first @param {Member} other */
function pairTemplate(first, other) {
  const { text, shared, agrees, differs } = other.evidence ?? {
    text: "",
    shared: [],
    agrees: [],
    differs: [],
  };
  const marks = (/** @type {"here" | "there"} */ side) =>
    shared.map((/** @type {any} */ phrase) => ({ kind: "shared", span: phrase[side] }));
  return html`<section class="groups-pair">
    <h4>${first.id}与${other.id}：同一事项的把握${percent(other.probability ?? 0)}</h4>
    <p>${text}</p>
    ${agrees.length ? html`<p><strong>一致：</strong>${listed(agrees)}</p>` : ""}
    <p><strong>不同：</strong>${differs.length ? listed(differs) : "没有看出地点、数字、诉求上的不同。"}</p>
    <div class="columns">${sideTemplate(first, marks("here"))}${sideTemplate(other, marks("there"))}</div>
  </section>`;
}

/** @param {Member} member @param {import("../../parts/marks.js").Mark[]} marks */
function sideTemplate(member, marks) {
  return html`<div class="groups-text" tabindex="0" role="region" aria-label="${member.id}的原文">
    <p><a href=${address("one", [member.id])}>${member.id}</a></p>
    <p><strong>${member.title ? markedTemplate(member.title, "title", marks) : titleOf(member)}</strong></p>
    <p class="groups-body">${member.confidential ? "" : markedTemplate(member.text, "text", marks)}</p>
  </div>`;
}

/**
 * How the like was handled before, asked when the clerk wants it. @param {() => void} draw
 */
export function precedents(draw) {
  /** @type {Map<string, any[] | string | null>} */
  const found = new Map();

  /** @param {string} id */
  async function ask(id) {
    found.set(id, null);
    draw();
    try {
      const told = await get(`/v1/suggestions/${encodeURIComponent(id)}/precedents`, { query: { most: 5 } });
      found.set(id, told.precedents);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const missing =
        error.code === "no-index"
          ? "没有历史索引，查不到以前怎样办。请管理员建好索引（triage index build）再启动服务。"
          : error.message;
      found.set(id, missing);
    }
    draw();
  }

  return {
    /** The button, or what was found. @param {string} id */
    template(id) {
      const told = found.get(id);
      if (told === undefined)
        return html`<button type="button" class="button" @click=${() => void ask(id)}>看以前怎样办的</button>`;
      if (told === null) return html`<p role="status">正在查以前的办理……</p>`;
      if (typeof told === "string") return html`<p class="hint" role="status">${told}</p>`;
      if (!told.length) return html`<p class="hint" role="status">没有查到以前办过相同或相近的。</p>`;
      return html`<ul class="groups-precedents" aria-label="以前怎样办的">
        ${told.map(
          (one) => html`<li>
            ${one.text}<small>${one.id} ${one.title} ${one.date ? day(one.date) : one.session}${one.outcome ? `，结果${one.outcome}` : ""}</small>
          </li>`,
        )}
      </ul>`;
    },
  };
}
