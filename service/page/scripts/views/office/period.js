/** Which days, sessions and sources the office's figures are about: in the address, so that it can be kept and sent. */
import { day } from "../../formats.js";
import { html, live } from "../../html.js";

export const KINDS = { year: "今年", twelve: "近12个月", session: "某次会议", own: "自定起止", all: "全部" };

/** @typedef {keyof typeof KINDS} Kind */
/**
 * @typedef {object} Scope
 * @property {Kind} kind
 * @property {string} since first day, "" where it is open
 * @property {string} until last day
 * @property {string[]} session
 * @property {string[]} source
 */

/** A day as the service writes it. @param {Date} when */
function iso(when) {
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  return `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`;
}

/**
 * The scope of an address. @param {URLSearchParams} query @param {Kind} usual where the address names none
 * @param {Date} [today] @returns {Scope}
 */
export function scopeOf(query, usual, today = new Date()) {
  const asked = query.get("period") ?? "";
  const kind = /** @type {Kind} */ (asked in KINDS ? asked : usual);
  const scope = {
    kind,
    since: "",
    until: "",
    session: /** @type {string[]} */ ([]),
    source: query.getAll("source"),
  };
  const year = today.getFullYear();
  if (kind === "year") return { ...scope, since: `${year}-01-01`, until: `${year}-12-31` };
  if (kind === "twelve") {
    const first = new Date(year, today.getMonth() - 12, today.getDate() + 1);
    return { ...scope, since: iso(first), until: iso(today) };
  }
  if (kind === "session") return { ...scope, session: query.getAll("session") };
  if (kind === "own") return { ...scope, since: query.get("since") ?? "", until: query.get("until") ?? "" };
  return scope;
}

/** The scope as an address keeps it. @param {Scope} scope @returns {[string, string][]} */
export function written({ kind, since, until, session, source }) {
  const own = /** @type {[string, string][]} */ (
    kind === "own"
      ? [
          ["since", since],
          ["until", until],
        ]
      : []
  );
  const named = /** @type {[string, string][]} */ (
    kind === "session" ? session.map((one) => ["session", one]) : []
  );
  const from = /** @type {[string, string][]} */ (source.map((one) => ["source", one]));
  return /** @type {[string, string][]} */ ([["period", kind], ...own, ...named, ...from]).filter(
    ([, value]) => value,
  );
}

/** The scope in words. @param {Scope} scope */
export function scopeWords({ kind, since, until, session, source }) {
  const days = since || until ? `${day(since) || "开始"}至${day(until) || "今天"}` : "";
  const when =
    kind === "session"
      ? session.join("、") || "请选会议"
      : kind === "all"
        ? "全部登记的建议"
        : days || "全部登记的建议";
  return source.length ? `${when}，来源：${source.join("、")}` : when;
}

/**
 * Days, sessions, sources. @param {Scope} scope @param {{sessions: string[], sources: string[]}} known
 * @param {(scope: Scope) => void} set @param {{days?: boolean}} [options] `days`: false where only sources matter
 */
export function scopeTemplate(scope, known, set, { days = true } = {}) {
  const value = (/** @type {Event} */ event) => /** @type {HTMLInputElement} */ (event.target).value;
  const toggle = (/** @type {"source" | "session"} */ name, /** @type {string} */ one) => {
    const chosen = scope[name].includes(one)
      ? scope[name].filter((other) => other !== one)
      : [...scope[name], one];
    set({ ...scope, [name]: chosen });
  };
  const boxes = (/** @type {"source" | "session"} */ name, /** @type {string[]} */ values) =>
    values.map(
      (one) => html`<label class="check"
        ><input type="checkbox" .checked=${live(scope[name].includes(one))} @change=${() => toggle(name, one)} />${one}</label
      >`,
    );
  return html`<form class="office-scope no-print" aria-label="时段和来源" @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
    ${
      days
        ? html`<label
          >时段
          <select id="office-period" @change=${(/** @type {Event} */ event) => set({ ...scope, kind: /** @type {Kind} */ (value(event)) })}>
            ${Object.entries(KINDS).map(
              ([kind, words]) =>
                html`<option value=${kind} .selected=${live(scope.kind === kind)}>${words}</option>`,
            )}
          </select></label
        >`
        : ""
    }
    ${
      days && scope.kind === "own"
        ? html`<label
            >从<input type="date" .value=${scope.since} max=${scope.until || "9999-12-31"} @change=${(/** @type {Event} */ event) => set({ ...scope, since: value(event) })} /></label
          ><label
            >到<input type="date" .value=${scope.until} min=${scope.since} @change=${(/** @type {Event} */ event) => set({ ...scope, until: value(event) })} /></label
          >`
        : ""
    }
    ${
      days && scope.kind === "session"
        ? html`<fieldset>
          <legend>会议</legend>
          ${known.sessions.length ? boxes("session", known.sessions) : html`<span class="hint">登记的建议没有写届次。</span>`}
        </fieldset>`
        : ""
    }
    ${
      known.sources.length > 1
        ? html`<fieldset>
          <legend>来源</legend>
          ${boxes("source", known.sources)}
        </fieldset>`
        : ""
    }
  </form>`;
}
