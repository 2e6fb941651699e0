/** One unit: its names, its duties one a line, when it existed, and who took over. Every keystroke is kept as a draft. */
import { html, live } from "../../html.js";
import { done } from "../../messages.js";
import { address, go } from "../../router.js";
import { addRow, cell, joined, records, setCell, several } from "./csv.js";
import { dayWritten, namesOf } from "./units.js";

const FILE = "units.csv";
const LABELS = {
  code: "编码",
  name: "名称",
  short_name: "简称",
  aliases: "别名、原名",
  level: "层级",
  parent: "上级单位",
  area: "辖区",
  duties: "职责",
  active_from: "启用日期",
  active_to: "停用日期",
  succeeded_by: "承接单位",
  system: "系统",
};

/** What a column of the units is called. @param {string} column */
export function unitLabel(column) {
  return LABELS[/** @type {keyof typeof LABELS} */ (column)] ?? column;
}

/** A code that no unit has. @param {import("./draft.js").Edited} edited */
export function freeCode(edited) {
  const taken = namesOf(edited, FILE);
  let number = taken.size + 1;
  while (taken.has(`unit${number}`)) number += 1;
  return `unit${number}`;
}

/** @param {import("./draft.js").Edited} edited @param {string} code "new" for one to be made @param {() => void} draw */
export function unitPart(edited, code, draw) {
  const known = edited.held()?.columns[FILE] ?? {};
  /** What stands in fields with several lines, as it is typed. @type {Record<string, string>} */
  const typed = {};
  let heir = "";
  let trouble = "";

  const rowNow = () =>
    records(edited.table(FILE)).find((row) => cell(edited.table(FILE), row, "code") === code);
  const rowBefore = () =>
    records(edited.before(FILE)).find((row) => cell(edited.before(FILE), row, "code") === code);

  /** @param {string} column @param {string} value */
  function set(column, value) {
    const row = rowNow();
    if (!row) return;
    const table = edited.table(FILE);
    setCell(table, row, column, value, known);
    edited.setTable(FILE, table);
  }

  /** @param {string} column @param {string} text */
  function setLine(column, text) {
    typed[column] = text;
    set(column, text.trim());
  }

  /** @param {string} column @param {string} text */
  function setLines(column, text) {
    typed[column] = text;
    const row = rowNow();
    if (row) set(column, joined(text.split(/[\n;；]/), cell(edited.table(FILE), row, column)));
  }

  function back() {
    const table = edited.table(FILE);
    const row = rowNow();
    const was = rowBefore();
    if (!row) return;
    const now = [...row.cells];
    if (was) {
      for (const column of Object.keys(known))
        setCell(table, row, column, cell(edited.before(FILE), was, column), known);
      row.raw = was.cells.join("\0") === row.cells.join("\0") ? was.raw : null;
    } else table.rows = table.rows.filter((other) => other !== row);
    for (const column of Object.keys(typed)) delete typed[column];
    edited.setTable(FILE, table);
    done(was ? `已改回原样：${now[table.columns.name]}` : `已去掉：${now[table.columns.name]}`, async () => {
      const again = edited.table(FILE);
      const there = rowNow();
      if (there) Object.assign(there, { cells: now, raw: null });
      else again.rows.push({ cells: now, raw: null, line: 0 });
      edited.setTable(FILE, again);
    });
    if (!was) go("catalogue", ["units"]);
  }

  /** @param {string} name */
  function addHeir(name) {
    heir = name;
    const found = [...namesOf(edited, FILE)].find(
      ([other, written]) => written === name.trim() && other !== code,
    );
    if (!found) return draw();
    heir = "";
    const row = rowNow();
    if (row)
      set("succeeded_by", joined([...several(cell(edited.table(FILE), row, "succeeded_by")), found[0]]));
  }

  /** @param {1 | -1} step */
  function next(step) {
    const codes = [...namesOf(edited, FILE).keys()];
    go("catalogue", ["unit", codes[(codes.indexOf(code) + step + codes.length) % codes.length]]);
  }

  /** @param {SubmitEvent} event */
  function make(event) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const [name, wanted] = [String(form.get("name")).trim(), String(form.get("code")).trim()];
    const taken = namesOf(edited, FILE);
    if (taken.has(wanted)) trouble = `编码“${wanted}”已经给了${taken.get(wanted)}，请换一个。`;
    else if ([...taken.values()].includes(name)) trouble = `已经有一个单位叫“${name}”。`;
    else {
      const table = edited.table(FILE);
      addRow(table, { code: wanted, name, active_from: String(form.get("active_from")).trim() }, known);
      edited.setTable(FILE, table);
      return go("catalogue", ["unit", wanted]);
    }
    draw();
  }

  function makeTemplate() {
    return html`<form class="card" @submit=${make}>
      <h2 id="admin-heading" tabindex="-1">新增单位</h2>
      <label class="field">名称<input name="name" required autocomplete="off" /></label>
      <label class="field">编码<input name="code" required .value=${freeCode(edited)} autocomplete="off" /></label>
      <label class="field">启用日期<input name="active_from" placeholder="2026-01-01，可以不填" autocomplete="off" /></label>
      <p class="hint">编码要短，不能重复，以后也不再给别的单位用。别的单位改名、合并成它的，请用“机构改革”。</p>
      <p class="trouble" role="alert">${trouble}</p>
      <p class="actions"><button class="button primary">新增，接着写职责</button></p>
    </form>`;
  }

  function template() {
    const row = rowNow();
    if (code === "new") return makeTemplate();
    if (!row)
      return html`<p class="empty">没有编码为“${code}”的单位。<a href=${address("catalogue")}>看全部单位</a></p>`;
    const table = edited.table(FILE);
    const of = (/** @type {string} */ column) => cell(table, row, column);
    const was = rowBefore();
    const changed = (/** @type {string} */ column) =>
      (was ? cell(edited.before(FILE), was, column) : "") !== of(column);
    const names = namesOf(edited, FILE);
    const heirs = several(of("succeeded_by"));
    const parents = [...names]
      .filter(([other]) => several(cell(table, rowOf(other), "succeeded_by")).includes(code))
      .map(([, name]) => name);
    const label = (/** @type {string} */ column) =>
      html`${unitLabel(column)}${was && changed(column) ? html` <small class="admin-changed">改过</small>` : ""}`;
    const line = (/** @type {string} */ column, hint = "") => html`<label class="field"
      >${label(column)}<input
        .value=${live(typed[column] ?? of(column))}
        placeholder=${hint}
        autocomplete="off"
        @input=${(/** @type {any} */ event) => setLine(column, event.target.value)}
    /></label>`;
    const lines = (
      /** @type {string} */ column,
      /** @type {number} */ rows,
      /** @type {string} */ hint,
    ) => html`<label class="field"
      >${label(column)}<textarea
        rows=${rows}
        placeholder=${hint}
        .value=${live(typed[column] ?? several(of(column)).join("\n"))}
        @input=${(/** @type {any} */ event) => setLines(column, event.target.value)}
      ></textarea>
    </label>`;
    const choice = (
      /** @type {string} */ column,
      /** @type {[string, string][]} */ options,
    ) => html`<label class="field"
      >${label(column)}<select @change=${(/** @type {any} */ event) => set(column, event.target.value)}>
        <option value="" ?selected=${!of(column)}>（没有）</option>
        ${options.map(([value, name]) => html`<option value=${value} ?selected=${value === of(column)}>${name}</option>`)}
        ${of(column) && !options.some(([value]) => value === of(column)) ? html`<option selected value=${of(column)}>${of(column)}</option>` : ""}
      </select></label
    >`;
    const held = edited.held();
    const words = (/** @type {string[] | undefined} */ all) =>
      (all ?? []).map((word) => /** @type {[string, string]} */ ([word, word]));
    return html`<div class="row">
        <h2 id="admin-heading" tabindex="-1">${of("name")}</h2>
        <small>编码 ${code}</small>
        ${was ? "" : html`<span class="tag unsure">新增，未生效</span>`}
      </div>
      ${parents.length ? html`<p>承接了：${parents.join("、")}。这些原名也会找到本单位。</p>` : ""}
      ${of("active_to") ? html`<p>${dayWritten(of("active_to"))}起不再存在。往年案件里的老名字照旧认得，请不要删这一行。</p>` : ""}
      <dl class="admin-facts print-only">
        ${Object.keys(known).map((column) => {
          const value = several(of(column)).map((one) =>
            column === "succeeded_by" ? (names.get(one) ?? one) : one,
          );
          return value.length
            ? html`<dt>${unitLabel(column)}</dt><dd>${value.map((one) => html`<div>${one}</div>`)}</dd>`
            : "";
        })}
      </dl>
      <div class="columns admin-unit no-print">
        <div>
          ${line("name")} ${line("short_name", "如 卫健局")} ${lines("aliases", 4, "一行一个：还有哪些叫法都是指它")}
          <div class="admin-pair">${choice("level", words(held?.levels))} ${choice("system", words(held?.systems))}</div>
          <div class="admin-pair">
            ${choice(
              "parent",
              [...names].filter(([other]) => other !== code),
            )} ${choice("area", [...namesOf(edited, "areas.csv")])}
          </div>
          <div class="admin-pair">${line("active_from", "如 2019-04-01，不知道就空着")} ${line("active_to", "撤并的填改革那一天")}</div>
          <div class="field">
            <label for="admin-heir">${label("succeeded_by")}</label>
            <p>
              ${heirs.map(
                (one) =>
                  html`<span class="chip"
                    >${names.get(one) ?? one}<button
                      type="button"
                      aria-label="去掉${names.get(one) ?? one}"
                      @click=${() => set("succeeded_by", joined(heirs.filter((other) => other !== one)))}
                    >
                      ×
                    </button></span
                  > `,
              )}
            </p>
            <input
              id="admin-heir"
              list="admin-units"
              autocomplete="off"
              placeholder="撤并的填：现在由谁办"
              .value=${live(heir)}
              @input=${(/** @type {any} */ event) => addHeir(event.target.value)}
            />
            <datalist id="admin-units">${[...names].filter(([other]) => other !== code).map(([, name]) => html`<option value=${name}></option>`)}</datalist>
          </div>
        </div>
        <div>
          ${lines("duties", 18, "一行一条，照老百姓的说法写：老小区加装电梯")}
          <p class="hint">
            ${several(of("duties")).length}条。每条四到二十个字，一条说一件事，八到三十条为好；不写“负责、组织、指导”，不写人名和项目名。
            两个单位容易混的事，各写各的，共同的那件写给真正牵头的。
          </p>
        </div>
      </div>
      <p class="actions">
        <a class="button primary" href=${address("catalogue", ["changes"])}>看修改、生效 <kbd>F2</kbd></a>
        <button type="button" class="button" @click=${() => next(1)}>下一个单位 <kbd>F8</kbd></button>
        ${was && !of("active_to") ? html`<a class="button" href=${address("catalogue", ["reform", code])}>撤并这个单位</a>` : ""}
        <button type="button" class="button" ?disabled=${Boolean(was) && !Object.keys(known).some(changed)} @click=${back}>
          ${was ? "改回原样" : "不新增了"}
        </button>
      </p>`;
  }

  /** @param {string} other */
  function rowOf(other) {
    const table = edited.table(FILE);
    return /** @type {import("./csv.js").Row} */ (
      records(table).find((row) => cell(table, row, "code") === other)
    );
  }

  return { template, shortcuts: [{ key: "F8", label: "下一个单位", run: () => next(1) }] };
}
