/** A reorganisation (机构改革): units that are merged, renamed, split or abolished on one day. */
import { html, live } from "../../html.js";
import { done, say } from "../../messages.js";
import { go } from "../../router.js";
import { addRow, cell, joined, records, setCell, several } from "./csv.js";
import { freeCode } from "./unit.js";
import { namesOf } from "./units.js";

const FILE = "units.csv";

/** @param {import("./draft.js").Edited} edited @param {string} first code of a unit that ends @param {() => void} draw */
export function reformPart(edited, first, draw) {
  const known = edited.held()?.columns[FILE] ?? {};
  const names = namesOf(edited, FILE);
  let old = names.has(first) ? [first] : [];
  /** @type {string[]} */
  let heirs = [];
  let made = "";
  let day = "";
  let trouble = "";
  const typed = { old: "", heirs: "" };

  /** @param {"old" | "heirs"} side @param {string} name */
  function take(side, name) {
    typed[side] = name;
    const found = [...names].find(([, written]) => written === name.trim());
    if (found && !old.includes(found[0]) && !heirs.includes(found[0])) {
      typed[side] = "";
      if (side === "old") old = [...old, found[0]];
      else heirs = [...heirs, found[0]];
    }
    draw();
  }

  /** @param {SubmitEvent} event */
  function apply(event) {
    event.preventDefault();
    trouble = "";
    if (typed.old || typed.heirs)
      trouble = `没有叫“${typed.old || typed.heirs}”的单位，或已经选过；要新设的，写在“新设单位”里。`;
    else if (!old.length) trouble = "请先选撤并的单位。";
    else if (made && [...names.values()].includes(made.trim()))
      trouble = `已经有一个单位叫“${made.trim()}”，请在“由现有单位承接”里选它。`;
    if (trouble) return draw();
    const former = edited.text(FILE);
    const table = edited.table(FILE);
    const rows = records(table).filter((row) => old.includes(cell(table, row, "code")));
    const codes = [...heirs];
    if (made.trim()) {
      const code = freeCode(edited);
      const all = (/** @type {string} */ column) => rows.flatMap((row) => several(cell(table, row, column)));
      const one = (/** @type {string} */ column) => cell(table, rows[0], column);
      addRow(
        table,
        {
          code,
          name: made.trim(),
          level: one("level"),
          area: one("area"),
          parent: one("parent"),
          duties: joined(all("duties")),
          active_from: day,
          ...(one("system") ? { system: one("system") } : {}),
        },
        known,
      );
      codes.push(code);
    }
    for (const row of rows) {
      setCell(table, row, "active_to", day, known);
      setCell(table, row, "succeeded_by", joined(codes), known);
    }
    edited.setTable(FILE, table);
    done(`已记下：${old.map((code) => names.get(code)).join("、")}撤并`, async () =>
      edited.setFile(FILE, former),
    );
    if (made.trim()) {
      say("新单位带着原来各单位的职责，请看一遍再生效。", { tone: "note" });
      return go("catalogue", ["unit", codes[codes.length - 1]]);
    }
    return go("catalogue", ["changes"]);
  }

  /** @param {"old" | "heirs"} side @param {string} label @param {string[]} chosen @param {(codes: string[]) => void} put */
  function chooser(side, label, chosen, put) {
    return html`<div class="field">
      <label for="admin-${side}">${label}</label>
      <p>
        ${chosen.map(
          (code) =>
            html`<span class="chip"
              >${names.get(code)}<button type="button" aria-label="去掉${names.get(code)}" @click=${() => put(chosen.filter((other) => other !== code))}>×</button></span
            > `,
        )}
      </p>
      <input
        id="admin-${side}"
        list="admin-all-units"
        autocomplete="off"
        placeholder="单位名称，可以选几个"
        .value=${live(typed[side])}
        @input=${(/** @type {any} */ event) => take(side, event.target.value)}
      />
    </div>`;
  }

  return {
    template: () => html`<form class="card" @submit=${apply}>
      <h2 id="admin-heading" tabindex="-1">机构改革</h2>
      <p class="hint">
        改名：选原单位，写新设单位。合并：选几个原单位，写新设单位或由现有单位承接。拆分：选一个原单位，承接的选几个。撤销：只选原单位。
        原单位一行都不删，往年案件里的老名字照旧认得。
      </p>
      ${chooser("old", "撤并的单位", old, (codes) => {
        old = codes;
        draw();
      })} ${chooser("heirs", "由现有单位承接", heirs, (codes) => {
        heirs = codes;
        draw();
      })}
      <label class="field"
        >新设单位<input placeholder="新单位的名称，没有就空着" autocomplete="off" .value=${live(made)} @input=${(/** @type {any} */ event) => (made = event.target.value)}
      /></label>
      <label class="field"
        >从哪一天起<input
          required
          pattern="\\d{4}(-\\d{1,2}(-\\d{1,2})?)?"
          placeholder="2026-01-01"
          autocomplete="off"
          .value=${live(day)}
          @input=${(/** @type {any} */ event) => (day = event.target.value.trim())}
      /></label>
      <datalist id="admin-all-units">${[...names.values()].map((name) => html`<option value=${name}></option>`)}</datalist>
      <p class="trouble" role="alert">${trouble}</p>
      <p class="actions"><button class="button primary">记下（还不生效）</button></p>
    </form>`,
  };
}
