/**
 * Choosing units by typing: name, short name, former name, pinyin or its initials (gaj → 公安局).
 *
 * A combobox after the ARIA pattern: ↑ ↓ move, Enter takes, Esc closes, Backspace in the empty field takes the last one
 * away. What counts as a match is the service's business (`GET /v1/units`).
 */
import { get } from "../api.js";
import { createRef, html, live, ref, repeat } from "../html.js";
import { sayProblem } from "../messages.js";

const MOST = 8;
const HOW = { short: "简称", former: "原名", pinyin: "拼音", initials: "拼音首字母" };

/** @typedef {{unit: string, matched: string, written: string, successor_of?: string}} Found */

/**
 * One field for units.
 *
 * @param {{id: string, label: string, most?: number, onChange: (units: string[]) => void, draw: () => void,
 *   onEnter?: () => void}} options `most`: how many may be chosen; `onEnter`: Enter in the empty field
 */
export function unitPicker({ id, label, most = 20, onChange, draw, onEnter }) {
  /** @type {import("../html.js").Ref<HTMLInputElement>} */
  const input = createRef();
  let typed = "";
  /** @type {Found[]} */
  let found = [];
  let at = 0;
  let open = false;
  /** What is asked for; null: the candidates are those of what was typed. @type {AbortController | null} */
  let asking = null;
  /** Enter was faster than the candidates: the first of them is meant. */
  let hurried = false;
  let looking = Promise.resolve();
  /** @type {string[]} */
  let units = [];

  async function look() {
    callOff();
    const words = typed.trim();
    if (!words) return close();
    const mine = new AbortController();
    asking = mine;
    try {
      const answer = await get("/v1/units", { query: { q: words, limit: MOST }, signal: mine.signal });
      if (mine.signal.aborted) return;
      found = answer.units.filter((/** @type {Found} */ one) => !units.includes(one.unit));
      at = 0;
      open = true;
    } catch (error) {
      if (mine.signal.aborted) return;
      close();
      return sayProblem(error);
    }
    asking = null;
    if (hurried && found.length) take(found[0].unit);
    hurried = false;
    draw();
  }

  function callOff() {
    asking?.abort();
    asking = null;
    hurried = false;
  }

  function close() {
    callOff();
    open = false;
    found = [];
    draw();
  }

  /** The clerk went on to another field; a unit that is on its way still comes. */
  function leave() {
    if (!hurried) close();
  }

  /** @param {string} unit */
  function take(unit) {
    const gone = hurried && document.activeElement !== input.value;
    typed = "";
    if (input.value) input.value.value = ""; // at once: who types on does not wait for the next frame
    close();
    onChange(most === 1 ? [unit] : [...units, unit]);
    if (!gone) input.value?.focus();
  }

  /** @param {string} unit */
  function drop(unit) {
    onChange(units.filter((other) => other !== unit));
    input.value?.focus();
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!open || !found.length) return;
      at = (at + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length;
      draw();
    } else if (event.key === "Enter" && !event.ctrlKey) {
      if (asking) hurried = true;
      else if (open && found[at]) take(found[at].unit);
      else if (!typed) onEnter?.();
    } else if (event.key === "Escape" && open) close();
    else if (event.key === "Backspace" && !typed && units.length) drop(units[units.length - 1]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {Found} one @param {number} place */
  function optionTemplate(one, place) {
    const how = HOW[/** @type {keyof typeof HOW} */ (one.matched)];
    return html`<li
      id="${id}-option-${place}"
      role="option"
      aria-selected=${place === at}
      @mousedown=${(/** @type {Event} */ event) => event.preventDefault()}
      @click=${() => take(one.unit)}
    >
      ${one.unit}${how && one.written !== one.unit ? html`<small>${how}：${one.written}</small>` : ""}
    </li>`;
  }

  return {
    /** Put the cursor into the field. */
    focus: () => input.value?.focus(),

    /** Wait for the unit that was taken by Enter before the candidates were there. */
    settled: async () => {
      if (hurried) await looking;
    },

    /** What was typed and is no unit yet. */
    rest: () => typed.trim(),

    /** The field with these units chosen. @param {string[]} chosen @param {{hint?: string, disabled?: boolean}} [options] */
    template(chosen, { hint = "", disabled = false } = {}) {
      units = chosen;
      return html`<div class="picker">
        <label for=${id}>${label}</label>
        <div class="picker-box">
          ${repeat(
            units,
            (unit) => unit,
            (unit) => html`<span class="chip"
              >${unit}<button type="button" ?disabled=${disabled} aria-label="去掉${unit}" @click=${() => drop(unit)}>×</button></span
            >`,
          )}
          <input
            ${ref(input)}
            id=${id}
            role="combobox"
            autocomplete="off"
            spellcheck="false"
            ?disabled=${disabled || units.length >= Math.max(most, 2)}
            aria-expanded=${open}
            aria-controls="${id}-list"
            aria-autocomplete="list"
            aria-activedescendant=${open && found.length ? `${id}-option-${at}` : ""}
            placeholder=${units.length ? "" : hint || "单位名称、简称、原名或拼音首字母"}
            .value=${live(typed)}
            @input=${(/** @type {any} */ event) => {
              typed = event.target.value;
              looking = look();
            }}
            @keydown=${onKey}
            @blur=${leave}
          />
        </div>
        <ul id="${id}-list" role="listbox" aria-label="${label}候选" ?hidden=${!open}>
          ${found.length ? found.map(optionTemplate) : ""}
        </ul>
        ${open && !found.length ? html`<p class="hint" role="status">没有叫“${typed}”的单位，请换个写法。</p>` : ""}
      </div>`;
    },
  };
}
