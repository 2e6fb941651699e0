/** What the text repeats, side by side, and how the like was handled before. */
import { get, Problem } from "../../api.js";
import { day, GRADES, moment, percent } from "../../formats.js";
import { html, repeat } from "../../html.js";
import { markedTemplate, marksOf } from "../../parts/marks.js";
import { address } from "../../router.js";
import { me } from "../../session.js";
import { unitsOf } from "./deciding.js";

/** @typedef {{hit: any, other: any, trouble: string}} Comparison `other`: the stored suggestion, null while it is fetched */

const TONES = { identical: "wrong", rewritten: "wrong", "same matter": "unsure", related: "none" };
const KINDS = { "same matter": "同一事项", "same duty": "同类职责", related: "相关" };

/** What stands between two parts of a line. @param {(string | undefined | null | false)[]} parts */
function joined(parts) {
  return parts.filter(Boolean).join(" · ");
}

/** Put another text beside this one. @param {any} hit @returns {Promise<Comparison>} */
export async function compared(hit) {
  if (!me()?.memory)
    return { hit, other: null, trouble: "本服务没有接数据库，对方的正文不在这里，只能列出相同的语句。" };
  try {
    return { hit, other: await get(`/v1/suggestions/${encodeURIComponent(hit.id)}`), trouble: "" };
  } catch (error) {
    const gone = error instanceof Problem && error.status === 404;
    const why = gone ? "对方的正文没有存在这里，只能列出相同的语句。" : /** @type {Error} */ (error).message;
    return { hit, other: null, trouble: why };
  }
}

/**
 * @param {import("./asking.js").Advice} advice @param {Comparison | null} comparison
 * @param {(hit: any | null) => void} compare
 * @param {import("../groups/apart.js").Finding[]} apart what somebody found to be no one matter with this text
 */
export function repeatsTemplate({ triaged, indexed }, comparison, compare, apart) {
  const hits = triaged?.duplicates ?? [];
  const none = indexed ? "没有查到重复或相近的建议。" : "服务没有接历史建议库，查不了重复。";
  const hint = hits.length ? "只供参考：不会自动合并，每位提出人都要答复。" : none;
  return html`<section class="card one-repeats" aria-labelledby="one-repeats">
    <h2 id="one-repeats">重复与相近${hits.length ? `（${hits.length}件）` : ""}</h2>
    <p class="hint">${hint}</p>
    <ul class="one-hits">
      ${repeat(
        hits,
        (/** @type {any} */ hit) => hit.id,
        (/** @type {any} */ hit) => hitTemplate(hit, comparison?.hit.id === hit.id, compare, apart),
      )}
    </ul>
  </section>`;
}

/**
 * @param {any} hit @param {boolean} open @param {(hit: any | null) => void} compare
 * @param {import("../groups/apart.js").Finding[]} apart
 */
function hitTemplate(hit, open, compare, apart) {
  const { id, grade, score, evidence, lead, co, outcome, proposers } = hit;
  const title = hit.title || "（保密件）";
  const who = proposers.length && `提出人：${proposers.join("、")}`;
  const found = apart.find(({ suggestions }) => suggestions.includes(id));
  return html`<li>
    <p>
      <span class="tag ${TONES[/** @type {keyof typeof TONES} */ (grade)]}"
        >${GRADES[/** @type {keyof typeof GRADES} */ (grade)]}${grade === "identical" ? "" : ` ${percent(score)}`}</span
      >
      <b>${title}</b>
      <button type="button" class="link no-print" aria-pressed=${open} aria-label="对照：${title}" @click=${() => compare(open ? null : hit)}>
        ${open ? "收起" : "对照"}
      </button>
    </p>
    <p class="hint">${joined([id, hit.source, hit.session, day(hit.date), who])}</p>
    <p>${evidence.text}${lead.length ? `曾由${unitsOf({ lead, co })}${outcome ? `，结果${outcome}` : ""}。` : ""}</p>
    ${found ? html`<p><b>${found.by}于${moment(found.at)}认定：与这一件不是一回事。</b></p>` : ""}
  </li>`;
}

/**
 * Both texts side by side, in the width of the page.
 * @param {Comparison | null} comparison @param {{title: string, text: string}} here the text itself
 * @param {(hit: any | null) => void} compare
 */
export function comparisonTemplate(comparison, here, compare) {
  if (!comparison) return "";
  const { hit, other, trouble } = comparison;
  const { shared, agrees, differs } = hit.evidence;
  const parts = differs.map((/** @type {string} */ one) => one.split("：").slice(1).join("：").split(" / "));
  const side = (
    /** @type {"here" | "there"} */ name,
    /** @type {any} */ one,
    /** @type {number} */ place,
  ) => [
    ...shared.map((/** @type {any} */ phrase) => ({ kind: "shared", span: phrase[name] })),
    ...marksOf(
      "differs",
      { title: one.title, text: one.text },
      parts.map((/** @type {string[]} */ pair) => pair[place] ?? ""),
    ),
  ];
  return html`<section class="card one-comparison" aria-labelledby="one-comparison">
    <div class="one-head">
      <h2 id="one-comparison" tabindex="-1">对照</h2>
      <button type="button" class="button no-print" @click=${() => compare(null)}>收起对照</button>
    </div>
    <ul class="one-agreement">
      ${agrees.map((/** @type {string} */ one) => html`<li><b>一致</b> ${one}</li>`)}
      ${differs.map((/** @type {string} */ one) => html`<li><b class="one-differs">不同</b> ${one}</li>`)}
    </ul>
    <p class="hint">${hit.evidence.text} <mark class="shared">相同语句</mark> <mark class="differs">不同之处</mark></p>
    ${trouble ? html`<p role="status">${trouble}</p>${shared.map(phraseTemplate)}` : ""}
    ${
      other
        ? html`<div class="columns">
          ${sideTemplate("这一件", "", here, side("here", here, 0))}
          ${sideTemplate("对方", other.id, other, side("there", other, 1))}
        </div>`
        : ""
    }
    ${other || trouble ? "" : html`<p role="status">正在取对方的正文……</p>`}
  </section>`;
}

/** @param {any} phrase */
function phraseTemplate(phrase) {
  return html`<p><mark class="shared">${phrase.text}</mark></p>`;
}

/** @param {string} name @param {string} id @param {any} one @param {import("../../parts/marks.js").Mark[]} marks */
function sideTemplate(name, id, one, marks) {
  return html`<article class="one-side-text">
    <h3>${name}${id ? html` <a href=${address("one", [id])}>${id}</a>` : ""}</h3>
    <p><b>${markedTemplate(one.title, "title", marks)}</b></p>
    <div class="one-words">${markedTemplate(one.text, "text", marks)}</div>
  </article>`;
}

/** @param {import("./asking.js").Advice} advice */
export function precedentsTemplate({ precedents, unknown, state }) {
  if (precedents === null && state !== "done") return "";
  return html`<section class="card one-precedents" aria-labelledby="one-precedents">
    <h2 id="one-precedents">以前怎么办的${precedents?.length ? `（${precedents.length}件）` : ""}</h2>
    ${precedents === null ? html`<p class="hint">正在查……</p>` : ""} ${unknown ? html`<p class="hint">${unknown}</p>` : ""}
    ${precedents?.length === 0 && !unknown ? html`<p class="hint">没有查到可以参考的先例。</p>` : ""}
    <ul class="one-hits">
      ${(precedents ?? []).map(
        (one) => html`<li>
          <p>
            <span class="tag ${one.kind === "same matter" ? "unsure" : "none"}">${KINDS[/** @type {keyof typeof KINDS} */ (one.kind)]}</span>
            <b>${one.title || "（保密件）"}</b>
          </p>
          <p class="hint">${joined([one.id, one.source, one.session, day(one.date)])}</p>
          <p>${one.text}</p>
          ${one.reply ? html`<details><summary>答复</summary><div class="one-words">${one.reply}</div></details>` : ""}
        </li>`,
      )}
    </ul>
  </section>`;
}
