/** Which rows of a list are shown: the filters, how many rows each choice would leave, and the load on each unit. */

import { DECISIONS, decisionWords, NO_ADVICE, number, STATES } from "../../formats.js";
import { guard, html, live } from "../../html.js";
import { byUnsure, plain } from "./rows.js";

/** @typedef {import("./rows.js").Row} Row */
/** @typedef {Record<string, string>} Filters what is empty is no filter */
/** @typedef {{unit: string, leads: number, advisedLeads: number, helps: number, advisedHelps: number}} Load */
/**
 * @typedef {object} Chosen
 * @property {Row[]} rows in their order
 * @property {Record<string, Map<string, number>>} counts for each filter its values, and rows that each would leave
 * @property {Set<string>} various the filters by which these rows differ at all
 * @property {Load[]} load of the units, the busiest first
 */

const NONE = "none";

/** Units that handle it, or would by the advice. @param {Row} row */
export function unitsOf({ lead, co, advice }) {
  if (lead.length) return { lead, co, decided: true };
  return { lead: advice?.leads ?? [], co: advice?.co ?? [], decided: false };
}

/** @param {Row} row */
export function topicOf(row) {
  return row.topic || row.advice?.topic || "";
}

/** The values of a row that each select filters by. @type {Record<string, (row: Row, filters: Filters) => string[]>} */
const VALUES = {
  advice: (row) => [row.advice?.decision ?? NONE],
  state: (row) => (row.returned ? [row.state, "returned"] : [row.state]),
  unit: (row, { role }) => {
    const { lead, co } = unitsOf(row);
    if (role === "lead") return lead;
    return role === "co" ? co : [...lead, ...co];
  },
  topic: (row) => [topicOf(row)],
  source: (row) => [row.source],
  zone: (row) => [row.advice?.zone ?? ""],
  session: (row) => [row.session],
};
const SELECTS = Object.keys(VALUES);
/** The names that stand in an address. */
export const NAMES = [...SELECTS, "role", "q", "order", "id"];

const LABELS = {
  advice: "把握",
  state: "状态",
  unit: "单位",
  topic: "类别",
  source: "来源",
  zone: "属地",
  session: "届次",
};
const ROLES = { "": "主办或会办", lead: "只看主办", co: "只看会办" };
const ORDERS = { "": "没把握的在前", date: "新收到的在前", id: "按编号", unit: "按主办单位" };

/** The filters of an address. @param {URLSearchParams} query @returns {Filters} */
export function filtersOf(query) {
  return Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? ""]));
}

/**
 * Choose rows, count what each other choice would leave, and add up the units' load: one pass over all rows.
 *
 * @param {Row[]} rows @param {Filters} filters
 * @param {Set<string> | null} found ids that the service found by words in the texts, which are not here
 * @returns {Chosen}
 */
export function choose(rows, filters, found) {
  const words = plain(filters.q).split(/\s+/).filter(Boolean);
  const ids = filters.id ? new Set(filters.id.split(",")) : null;
  const counts = Object.fromEntries(SELECTS.map((name) => [name, new Map()]));
  /** @type {Map<string, Load>} */
  const load = new Map();
  const chosen = [];
  const various = new Set();
  for (const row of rows) {
    for (const name of SELECTS) {
      if (!various.has(name) && `${VALUES[name](row, filters)}` !== `${VALUES[name](rows[0], filters)}`)
        various.add(name);
    }
    if (ids && !ids.has(row.id)) continue;
    if (words.length && !found?.has(row.id) && !words.every((word) => row.words.includes(word))) continue;
    const values = SELECTS.map((name) => VALUES[name](row, filters));
    const missed = SELECTS.filter(
      (name, place) => filters[name] && !values[place].includes(asked(filters[name])),
    );
    if (missed.length > 1) continue;
    SELECTS.forEach((name, place) => {
      if (missed.length && missed[0] !== name) return;
      for (const value of values[place]) counts[name].set(value, (counts[name].get(value) ?? 0) + 1);
    });
    if (!missed.length || missed[0] === "unit") addLoad(load, row);
    if (!missed.length) chosen.push(row);
  }
  const total = (/** @type {Load} */ one) =>
    (one.leads + one.advisedLeads) * 1000 + one.helps + one.advisedHelps;
  return {
    rows: inOrder(chosen, filters.order),
    counts,
    various,
    load: [...load.values()].sort((a, b) => total(b) - total(a)),
  };
}

/** What an address writes for a value; "-" stands for none. @param {string} written */
function asked(written) {
  return written === "-" ? "" : written;
}

/** @param {Map<string, Load>} load @param {Row} row */
function addLoad(load, row) {
  const { lead, co, decided } = unitsOf(row);
  const of = (/** @type {string} */ unit) => {
    const one = load.get(unit) ?? { unit, leads: 0, advisedLeads: 0, helps: 0, advisedHelps: 0 };
    load.set(unit, one);
    return one;
  };
  for (const unit of lead) of(unit)[decided ? "leads" : "advisedLeads"] += 1;
  for (const unit of co) of(unit)[decided ? "helps" : "advisedHelps"] += 1;
}

/** @param {Row[]} rows @param {string} order */
function inOrder(rows, order) {
  const by = (/** @type {(row: Row) => string} */ value) => (/** @type {Row} */ a, /** @type {Row} */ b) => {
    const [one, other] = [value(a), value(b)];
    if (one !== other) return one < other ? -1 : 1;
    return a.id < b.id ? -1 : 1;
  };
  if (order === "id") return rows.sort(by((row) => row.id));
  if (order === "unit") return rows.sort(by((row) => unitsOf(row).lead[0] ?? "\uffff"));
  if (order === "date") return rows.sort(by((row) => row.date ?? "")).reverse();
  return rows.sort(byUnsure);
}

/** A value as the clerk reads it. @param {string} name @param {string} value */
function wordsFor(name, value) {
  if (name === "advice") return value === NONE ? NO_ADVICE.name : decisionWords(value).name;
  if (name === "state")
    return value === "returned" ? "被退回" : (STATES[/** @type {keyof typeof STATES} */ (value)] ?? value);
  return value || "（没有写）";
}

/** The choices of a select, in a sensible order. @param {string} name @param {Map<string, number>} counts */
function choices(name, counts) {
  if (name === "advice") return [NONE, ...Object.keys(DECISIONS).reverse()];
  if (name === "state") return [...Object.keys(STATES), "returned"].filter((state) => counts.get(state));
  return [...counts.keys()].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0));
}

/**
 * The filters as they stand above the list.
 * @param {Filters} filters @param {Chosen} chosen @param {(changes: Filters) => void} set
 */
export function filtersTemplate(filters, { counts, various }, set) {
  return html`<form class="list-filters" role="search" aria-label="筛选" @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
    <label class="list-words"
      ><span>查找</span
      ><input
        type="search"
        id="list-q"
        placeholder="编号、标题、正文、提出人里的词"
        maxlength="200"
        .value=${live(filters.q)}
        @input=${(/** @type {any} */ event) => set({ q: event.target.value })}
    /></label>
    ${guard([counts, filters], () => SELECTS.filter((name) => various.has(name) || filters[name]).map((name) => selectTemplate(name, filters, counts[name], set)))}
    <label
      ><span>顺序</span
      ><select @change=${(/** @type {any} */ event) => set({ order: event.target.value })}>
        ${Object.entries(ORDERS).map(([value, words]) => html`<option value=${value} .selected=${live(filters.order === value)}>${words}</option>`)}
      </select></label
    >
    ${
      Object.entries(filters).some(([name, value]) => value && name !== "order")
        ? html`<button type="button" class="link" @click=${() => set(Object.fromEntries(NAMES.map((name) => [name, name === "order" ? filters.order : ""])))}>全部显示</button>`
        : ""
    }
  </form>`;
}

/** @param {string} name @param {Filters} filters @param {Map<string, number>} counts @param {(changes: Filters) => void} set */
function selectTemplate(name, filters, counts, set) {
  const offered = choices(name, counts);
  const now = filters[name];
  if (now && !offered.includes(asked(now))) offered.unshift(asked(now));
  const label = LABELS[/** @type {keyof typeof LABELS} */ (name)];
  return html`<label
    ><span>${label}</span
    ><select id="list-${name}" @change=${(/** @type {any} */ event) => set({ [name]: event.target.value })}>
      <option value="" .selected=${live(!now)}>不限</option>
      ${offered.map((value) => html`<option value=${value || "-"} .selected=${live(now === (value || "-"))}>${wordsFor(name, value)}（${number(counts.get(value) ?? 0)}）</option>`)}
    </select></label
  >${name === "unit" && now ? roleTemplate(filters.role, set) : ""}`;
}

/** @param {string} role @param {(changes: Filters) => void} set */
function roleTemplate(role, set) {
  return html`<select aria-label="单位的角色" @change=${(/** @type {any} */ event) => set({ role: event.target.value })}>
    ${Object.entries(ROLES).map(([value, words]) => html`<option value=${value} .selected=${live(role === value)}>${words}</option>`)}
  </select>`;
}

/** The filters in words, for a title. @param {Filters} filters */
export function filterWords(filters) {
  const parts = SELECTS.filter((name) => filters[name]).map((name) => wordsFor(name, asked(filters[name])));
  if (filters.q) parts.unshift(`“${filters.q}”`);
  if (filters.role) parts.push(filters.role === "lead" ? "只看主办" : "只看会办");
  if (filters.id) parts.push("指定的几件");
  return parts.join("、");
}

/**
 * How much each unit has, decided and advised.
 * @param {Load[]} load @param {Filters} filters @param {(changes: Filters) => void} set
 */
export function loadTemplate(load, filters, set) {
  const most = Math.max(1, ...load.map((one) => one.leads + one.advisedLeads + one.helps + one.advisedHelps));
  const width = (/** @type {number} */ value) => `${(value / most) * 100}`;
  return guard([load, filters.unit], () => {
    if (!load.length) return html`<p class="empty">还没有建议，也没有交办。</p>`;
    return html`<table class="list-load">
      <caption class="visually-hidden">各单位的件数：主办、会办，已交办和按建议</caption>
      <thead>
        <tr><th scope="col">单位</th><th scope="col" class="number">主办</th><th scope="col" class="number">会办</th></tr>
      </thead>
      <tbody>
        ${load.map(
          (one) => html`<tr>
            <th scope="row">
              <button type="button" class="link" aria-pressed=${filters.unit === one.unit} @click=${() => set({ unit: filters.unit === one.unit ? "" : one.unit })}>${one.unit}</button>
              <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                <rect class="lead" height="4" width=${width(one.leads)}></rect>
                <rect class="lead-advised" height="4" x=${width(one.leads)} width=${width(one.advisedLeads)}></rect>
                <rect class="help" height="4" x=${width(one.leads + one.advisedLeads)} width=${width(one.helps + one.advisedHelps)}></rect>
              </svg>
            </th>
            <td class="number">${one.leads}${one.advisedLeads ? html`<small>＋${one.advisedLeads}</small>` : ""}</td>
            <td class="number">${one.helps}${one.advisedHelps ? html`<small>＋${one.advisedHelps}</small>` : ""}</td>
          </tr>`,
        )}
      </tbody>
    </table>`;
  });
}
