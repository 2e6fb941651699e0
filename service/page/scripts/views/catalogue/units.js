/** The units: listed, searched by whatever an office calls them, with what became of former ones. */
import { get } from "../../api.js";
import { day, number } from "../../formats.js";
import { html, repeat } from "../../html.js";
import { address, go } from "../../router.js";
import { cell, records, several } from "./csv.js";

const SHOWN = 100;
/** Other names that the list shows of a unit. */
const NAMES = 4;
const FILE = "units.csv";
const STATES = { today: "现有", former: "已撤并", changed: "改过未生效", all: "全部" };
const kept = { words: "", level: "", state: "today", shown: SHOWN };

/** @param {import("./draft.js").Edited} edited @param {() => void} draw @returns {import("./view.js").Part} */
export function unitsPart(edited, draw) {
  /** @type {Set<string>} */
  let spelt = new Set();
  /** @type {AbortController | null} */
  let asking = null;

  /** Names found by pinyin, which only the service knows. */
  async function spell() {
    asking?.abort();
    asking = new AbortController();
    spelt = new Set();
    if (!/^[a-z ]{2,}$/i.test(kept.words)) return;
    try {
      const found = await get("/v1/units", { query: { q: kept.words, limit: 50 }, signal: asking.signal });
      spelt = new Set(found.units.map((/** @type {{unit: string}} */ one) => one.unit));
    } catch {
      return; // the characters are still searched
    }
    draw();
  }

  /** @param {Partial<typeof kept>} change */
  function look(change) {
    Object.assign(kept, change, { shown: SHOWN });
    if ("words" in change) void spell();
    draw();
  }

  function lengthen() {
    kept.shown += 500;
    draw();
  }

  function found() {
    const table = edited.table(FILE);
    const changed = new Set(
      edited
        .changes()
        .flatMap(({ name, rows }) =>
          name === FILE && rows ? [...rows.added, ...rows.changed.map((one) => one.key)] : [],
        ),
    );
    const words = kept.words.trim().toLowerCase();
    return records(table).filter((row) => {
      const former = Boolean(cell(table, row, "active_to") || cell(table, row, "succeeded_by"));
      if (kept.state === "today" ? former : kept.state === "former" ? !former : false) return false;
      if (kept.state === "changed" && !changed.has(cell(table, row, "code"))) return false;
      if (kept.level && cell(table, row, "level") !== kept.level) return false;
      return (
        !words ||
        spelt.has(cell(table, row, "name")) ||
        row.cells.some((value) => value.toLowerCase().includes(words))
      );
    });
  }

  function template() {
    const table = edited.table(FILE);
    if (table.broken || table.head < 0)
      return html`<p class="trouble">单位表读不了，请到 <a href=${address("catalogue", ["file", FILE])}>文件</a> 里改。</p>`;
    const rows = found();
    const named = new Map(records(table).map((row) => [cell(table, row, "code"), cell(table, row, "name")]));
    const areas = namesOf(edited, "areas.csv");
    return html`<div class="row no-print">
        <label
          >找单位 <kbd>F4</kbd>
          <input
            id="admin-search"
            type="search"
            placeholder="名称、简称、原名、职责、拼音首字母"
            .value=${kept.words}
            @input=${(/** @type {any} */ event) => look({ words: event.target.value })}
        /></label>
        <label
          >层级
          <select @change=${(/** @type {any} */ event) => look({ level: event.target.value })}>
            <option value="">不限</option>
            ${edited.held()?.levels.map((level) => html`<option ?selected=${level === kept.level}>${level}</option>`)}
          </select></label
        >
        <label
          >范围
          <select @change=${(/** @type {any} */ event) => look({ state: event.target.value })}>
            ${Object.entries(STATES).map(([key, title]) => html`<option value=${key} ?selected=${key === kept.state}>${title}</option>`)}
          </select></label
        >
        <a class="button" href=${address("catalogue", ["unit", "new"])}>新增单位</a>
        <a class="button" href=${address("catalogue", ["reform"])}>机构改革</a>
      </div>
      <p class="hint" role="status">${number(rows.length)}个单位${rows.length > kept.shown ? `，先列${kept.shown}个` : ""}。</p>
      ${
        rows.length
          ? html`<div class="scroll" tabindex="0" role="region" aria-label="单位列表">
            <table class="admin-units">
              <caption>
                单位
              </caption>
              <thead>
                <tr>
                  <th scope="col">单位</th>
                  <th scope="col">简称、别名</th>
                  <th scope="col">层级</th>
                  <th scope="col">辖区、系统</th>
                  <th scope="col">职责</th>
                  <th scope="col">起止、去向</th>
                </tr>
              </thead>
              <tbody>
                ${repeat(
                  rows.slice(0, kept.shown),
                  (row) => cell(table, row, "code"),
                  (row) => rowTemplate(table, row, named, areas),
                )}
              </tbody>
            </table>
          </div>`
          : html`<p class="empty">没有这样的单位。换个写法，或把范围改成“全部”。</p>`
      }
      ${
        rows.length > kept.shown
          ? html`<p class="actions"><button type="button" class="button" @click=${() => lengthen()}>再显示一些</button></p>`
          : ""
      }`;
  }

  if (kept.words) void spell();
  return {
    template,
    shortcuts: [
      { key: "F4", label: "找单位", run: () => document.getElementById("admin-search")?.focus() },
      { key: "Ctrl+Alt+n", label: "新增单位", run: () => go("catalogue", ["unit", "new"]) },
    ],
    close: () => asking?.abort(),
  };
}

/** The names of a table's rows by their codes. @param {import("./draft.js").Edited} edited @param {string} file */
export function namesOf(edited, file) {
  const table = edited.table(file);
  return new Map(records(table).map((row) => [cell(table, row, "code"), cell(table, row, "name")]));
}

/** A day of a file as it is read: 2019, 2019-04 or 2019-04-01. @param {string} written */
export function dayWritten(written) {
  return day(written) || written;
}

/**
 * @param {import("./csv.js").Table} table @param {import("./csv.js").Row} row
 * @param {Map<string, string>} named @param {Map<string, string>} areas
 */
function rowTemplate(table, row, named, areas) {
  const of = (/** @type {string} */ column) => cell(table, row, column);
  const called = [...new Set([of("short_name"), ...several(of("aliases"))])].filter(
    (name) => name && name !== of("name"),
  );
  const duties = several(of("duties"));
  const [from, to] = [of("active_from"), of("active_to")];
  const heirs = several(of("succeeded_by")).map((code) => named.get(code) ?? code);
  return html`<tr>
    <th scope="row"><a href=${address("catalogue", ["unit", of("code")])}>${of("name")}</a></th>
    <td title=${called.join("、")}>${called.slice(0, NAMES).join("、")}${called.length > NAMES ? `等${called.length}个` : ""}</td>
    <td class="admin-short">${of("level")}</td>
    <td>${[areas.get(of("area")) ?? of("area"), of("system")].filter(Boolean).join("、")}</td>
    <td>${duties.length ? html`<span title=${duties.join("；")}>${duties.length}条：${duties.slice(0, 3).join("；")}${duties.length > 3 ? "……" : ""}</span>` : "没有写职责"}</td>
    <td>
      ${from ? `${dayWritten(from)}起` : ""}${from && to ? "，" : ""}${to ? `${dayWritten(to)}止` : ""}
      ${heirs.length ? html`<br />由${heirs.join("、")}承接` : ""}
    </td>
  </tr>`;
}
