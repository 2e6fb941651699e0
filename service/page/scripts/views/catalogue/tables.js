/** The other tables of a catalogue (topics, areas, rules): listed, searched, a row edited; and any file as a whole. */

import { number } from "../../formats.js";
import { html, live, repeat } from "../../html.js";
import { done, say } from "../../messages.js";
import { address, go } from "../../router.js";
import { addRow, cell, records, setCell, several } from "./csv.js";
import { FILES, KEYS } from "./draft.js";
import { namesOf } from "./units.js";

const SHOWN = 100;
/** Columns that a list shows; the rest stands in the row itself. */
const LISTED = {
  "topics.csv": ["name", "parent", "units", "phrases"],
  "areas.csv": ["name", "level", "parent", "served_by", "former_names"],
  "rules.csv": ["id", "kind", "name", "source", "article", "action", "wording"],
};
const EMPTY = {
  "topics.csv": "目录里没有类别表，所以答案里没有类别。",
  "areas.csv": "目录里没有区域表。几个区都有同样的局时，要靠它认地方。",
  "rules.csv": "目录里还没有规矩：不予受理、要票决、算紧急的情形都写在规矩表里。",
};
/** Columns that hold codes of other rows. */
const CODES = { parent: "", units: "units.csv", served_by: "units.csv" };

/** What a column is called in Chinese. @param {import("./draft.js").Edited} edited @param {string} file @param {string} column */
export function labelOf(edited, file, column) {
  return edited.held()?.columns[file]?.[column]?.[0] ?? column;
}

/**
 * A table, or one row of it.
 * @param {import("./draft.js").Edited} edited @param {string} file @param {string} one the row's key, "" for the list
 * @param {() => void} draw @returns {import("./view.js").Part}
 */
export function tablePart(edited, file, one, draw) {
  const key = KEYS[/** @type {keyof typeof KEYS} */ (file)];
  const known = edited.held()?.columns[file] ?? {};
  const title = FILES[/** @type {keyof typeof FILES} */ (file)];
  let words = "";
  let shown = SHOWN;
  /** What stands in the fields, as it is typed. @type {Record<string, string>} */
  const typed = {};

  /** @param {string} column @param {string} value */
  function told(column, value) {
    const other = CODES[/** @type {keyof typeof CODES} */ (column)];
    if (other === undefined) return value;
    const names = namesOf(edited, other || file);
    return several(value)
      .map((code) => names.get(code) ?? code)
      .join("、");
  }

  /** @param {string} wanted */
  function find(wanted) {
    words = wanted;
    draw();
  }

  function lengthen() {
    shown += 500;
    draw();
  }

  function listTemplate() {
    const table = edited.table(file);
    const columns = (LISTED[/** @type {keyof typeof LISTED} */ (file)] ?? Object.keys(known)).filter(
      (column) => column in table.columns,
    );
    const rows = records(table).filter(
      (row) => !words || row.cells.some((value) => value.toLowerCase().includes(words.toLowerCase())),
    );
    const address_ = (/** @type {string} */ id) => address("catalogue", ["row", file, id]);
    return html`<div class="row no-print">
        <label
          >找${title} <kbd>F4</kbd>
          <input id="admin-search" type="search" .value=${live(words)} @input=${(/** @type {any} */ event) => find(event.target.value)} />
        </label>
        <a class="button" href=${address_("new")}>新增一行</a>
        <a class="button" href=${address("catalogue", ["file", file])}>整个文件</a>
      </div>
      ${
        edited.text(file) === null
          ? html`<p class="empty">${EMPTY[/** @type {keyof typeof EMPTY} */ (file)] ?? "没有这个文件。"}</p>`
          : html`<p class="hint" role="status">${number(rows.length)}行。</p>
            <div class="scroll" tabindex="0" role="region" aria-label="${title}列表">
              <table>
                <caption>
                  ${title}
                </caption>
                <thead>
                  <tr>
                    ${columns.map((column) => html`<th scope="col">${labelOf(edited, file, column)}</th>`)}
                  </tr>
                </thead>
                <tbody>
                  ${repeat(
                    rows.slice(0, shown),
                    (row) => cell(table, row, key),
                    (row) =>
                      html`<tr>
                        ${columns.map((column, place) => {
                          const value = told(column, cell(table, row, column));
                          return place
                            ? html`<td>${value}</td>`
                            : html`<th scope="row"><a href=${address_(cell(table, row, key))}>${value}</a></th>`;
                        })}
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>
            ${rows.length > shown ? html`<p class="actions"><button type="button" class="button" @click=${() => lengthen()}>再显示一些</button></p>` : ""}`
      }`;
  }

  /** @param {string} column @param {string} text */
  function set(column, text) {
    typed[column] = text;
    const table = edited.text(file) === null ? started() : edited.table(file);
    const row = records(table).find((other) => cell(table, other, key) === one);
    if (!row) return;
    setCell(table, row, column, text.trim(), known);
    edited.setTable(file, table);
  }

  /** A table with nothing but its header. */
  function started() {
    edited.setFile(file, `${Object.keys(known).join(",")}\n`);
    return edited.table(file);
  }

  /** @param {SubmitEvent} event */
  function make(event) {
    event.preventDefault();
    const wanted = String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("key")).trim();
    const table = edited.text(file) === null ? started() : edited.table(file);
    if (records(table).some((row) => cell(table, row, key) === wanted))
      return say(`“${wanted}”已经有了，请换一个。`, { tone: "wrong" });
    addRow(table, { [key]: wanted }, known);
    edited.setTable(file, table);
    return go("catalogue", ["row", file, wanted]);
  }

  function drop() {
    const former = edited.text(file);
    const table = edited.table(file);
    table.rows = table.rows.filter((row) => cell(table, row, key) !== one || row === table.rows[table.head]);
    edited.setTable(file, table);
    done(`已删去${title}：${one}`, async () => edited.setFile(file, former));
    go("catalogue", [file.replace(".csv", "")]);
  }

  function rowTemplate() {
    const table = edited.table(file);
    const row = records(table).find((other) => cell(table, other, key) === one);
    if (one === "new")
      return html`<form class="card" @submit=${make}>
        <h2 id="admin-heading" tabindex="-1">新增：${title}</h2>
        <label class="field">${labelOf(edited, file, key)}<input name="key" required autocomplete="off" /></label>
        <p class="actions"><button class="button primary">新增，接着写</button></p>
      </form>`;
    if (!row) return html`<p class="empty">没有这一行：${one}</p>`;
    return html`<h2 id="admin-heading" tabindex="-1">${title}：${cell(table, row, "name") || one}</h2>
      <p class="hint">${labelOf(edited, file, key)}：${one}</p>
      <div class="admin-fields">
        ${Object.keys(known)
          .filter((column) => column !== key)
          .map((column) => {
            const value = cell(table, row, column);
            const names = told(column, value);
            return html`<label class="field"
            >${labelOf(edited, file, column)}
            <textarea
              rows=${value.length > 60 ? 4 : 1}
              .value=${live(typed[column] ?? unixed(value))}
              @input=${(/** @type {any} */ event) => set(column, event.target.value)}
            ></textarea>
            ${names !== value ? html`<small>${names}</small>` : ""}</label
          >`;
          })}
      </div>
      <p class="hint">一格里写几个的，用分号隔开；单位和上级写编码。写得对不对，预览时会逐行检查。</p>
      <p class="actions">
        <a class="button primary" href=${address("catalogue", ["changes"])}>看修改、生效 <kbd>F2</kbd></a>
        <button type="button" class="button" @click=${drop}>删去这一行</button>
        <a class="button" href=${address("catalogue", [file.replace(".csv", "")])}>回到${title}</a>
      </p>`;
  }

  return {
    template: () => (one ? rowTemplate() : listTemplate()),
    shortcuts: [
      { key: "F4", label: `找${title}`, run: () => document.getElementById("admin-search")?.focus() },
    ],
  };
}

/** A file as a whole: its text, to be typed, taken from the computer or saved there. @param {import("./draft.js").Edited} edited @param {string} file @param {() => void} draw @returns {import("./view.js").Part} */
export function filePart(edited, file, draw) {
  const title = FILES[/** @type {keyof typeof FILES} */ (file)] ?? file;

  /** @param {any} event */
  function write(event) {
    const windows = (edited.held()?.files[file] ?? "").includes("\r\n");
    edited.setFile(file, windows ? event.target.value.replaceAll("\n", "\r\n") : event.target.value);
  }

  /** @param {any} event */
  async function take(event) {
    const [given] = event.target.files;
    event.target.value = "";
    if (!given) return;
    const former = edited.text(file);
    edited.setFile(file, textOf(await given.arrayBuffer()));
    done(`已换成 ${given.name}（还不生效）`, async () => edited.setFile(file, former));
    draw();
  }

  return {
    template: () => html`<h2 id="admin-heading" tabindex="-1">${title}：${file}</h2>
      <label class="field"
        >文件内容
        <textarea class="admin-file" rows="18" spellcheck="false" .value=${live(unixed(edited.text(file) ?? ""))} @input=${write}></textarea>
      </label>
      <p class="actions">
        <a class="button primary" href=${address("catalogue", ["changes"])}>看修改、生效 <kbd>F2</kbd></a>
        <button type="button" class="button" @click=${() => save(file, edited.text(file) ?? "")}>下载这个文件</button>
        <label class="button">换成电脑里的文件<input class="visually-hidden" type="file" accept=".csv,.toml,.txt" @change=${take} /></label>
      </p>`,
  };
}

/** As a field of a browser holds it: lines end with one sign. @param {string} text */
function unixed(text) {
  return text.replaceAll("\r\n", "\n");
}

/** @param {string} name @param {string} text */
export function save(name, text) {
  const link = document.createElement("a");
  // The mark at the front is what makes Excel read Chinese as UTF-8.
  link.href = URL.createObjectURL(
    new Blob([name.endsWith(".csv") && !text.startsWith("\ufeff") ? "\ufeff" : "", text]),
  );
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A file's text: UTF-8, or GB18030 as Excel saves it. @param {ArrayBuffer} bytes */
function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("gb18030").decode(bytes);
  }
}
