/**
 * Thousands of rows of one height, of which only those in sight are in the document.
 *
 * A grid after the ARIA pattern with one stop for the Tab key: ↑ ↓ PgUp PgDn Home End move, Space chooses,
 * Shift with a movement chooses on, Ctrl+A chooses all that are shown, Esc none, Enter opens.
 */
import { createRef, html, nothing, ref } from "../html.js";

const AROUND = 6;

/** @typedef {{name: string, label?: string}} Column `name` is also its class; `label` what stands above it */
/** @typedef {{top: number, active: string}} Place where the clerk is */

/**
 * @template Item
 * @param {object} options
 * @param {string} options.id
 * @param {string} options.label
 * @param {number} options.height of a row, in rem
 * @param {Column[]} options.columns
 * @param {(item: Item) => any[]} options.cells what stands in the columns
 * @param {(item: Item) => string} options.key
 * @param {(item: Item) => string} [options.tone] a class of the row
 * @param {(item: Item) => void} [options.onOpen]
 * @param {(keys: Set<string>) => void} [options.onSelect] left out: nothing can be chosen
 * @param {(place: Place) => void} [options.onPlace] is told where the clerk is
 * @param {() => void} options.draw
 */
export function virtualRows({
  id,
  label,
  height,
  columns,
  cells,
  key,
  tone,
  onOpen,
  onSelect,
  onPlace,
  draw,
}) {
  /** @type {import("../html.js").Ref<HTMLElement>} */
  const box = createRef();
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  const high = Math.round(height * rem);
  /** @type {Item[]} */
  let items = [];
  /** @type {Set<string>} */
  let chosen = new Set();
  let top = 0;
  let room = 600;
  let active = 0;
  /** Where choosing on began, and what was chosen then. */
  let anchor = 0;
  /** @type {Set<string>} */
  let before = new Set();
  /** @type {Place | null} */
  let wanted = null;

  const sizes = new ResizeObserver(() => {
    const now = box.value?.clientHeight ?? 0;
    if (now && now !== room) {
      room = now;
      draw();
    }
  });
  /** @type {Element | undefined} */
  let observed;

  function measure() {
    if (observed === box.value) return;
    if (observed) sizes.unobserve(observed);
    observed = box.value;
    if (observed) sizes.observe(observed);
  }

  function onScroll() {
    top = box.value?.scrollTop ?? 0;
    tellPlace();
    draw();
  }

  function tellPlace() {
    onPlace?.({ top, active: items[active] ? key(items[active]) : "" });
  }

  /** Bring a row into sight. @param {number} at */
  function show(at) {
    const element = box.value;
    if (!element) return;
    const visible = element.clientHeight - high; // the heading stays above
    if (at * high < element.scrollTop) element.scrollTop = at * high;
    else if ((at + 1) * high > element.scrollTop + visible) element.scrollTop = (at + 1) * high - visible;
    top = element.scrollTop;
  }

  /** @param {number} to @param {boolean} on whether choosing goes on */
  function move(to, on) {
    if (!items.length) return;
    active = Math.max(0, Math.min(items.length - 1, to));
    if (on && onSelect) chooseTo(active);
    else anchorHere();
    show(active);
    tellPlace();
    draw();
  }

  function anchorHere() {
    anchor = active;
    before = chosen;
  }

  /** All rows from the anchor to this one, beside what was chosen before. @param {number} to */
  function chooseTo(to) {
    const next = new Set(before);
    for (let at = Math.min(anchor, to); at <= Math.max(anchor, to); at += 1) next.add(key(items[at]));
    onSelect?.(next);
  }

  /** @param {number} at */
  function toggle(at) {
    const next = new Set(chosen);
    const name = key(items[at]);
    if (!next.delete(name)) next.add(name);
    onSelect?.(next);
    active = at;
    anchor = at;
    before = next;
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.target !== box.value || event.altKey || !items.length) return;
    const page = Math.max(1, Math.floor(room / high) - 2);
    const last = items.length - 1;
    const steps = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: last,
    };
    const step = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (step !== undefined) move(step, event.shiftKey);
    else if (event.key === " " && onSelect) toggle(active);
    else if (event.key === "a" && event.ctrlKey && onSelect) onSelect(new Set(items.map(key)));
    else if (event.key === "Escape" && chosen.size && onSelect) onSelect(new Set());
    else if (event.key === "Enter" && !event.ctrlKey && onOpen) onOpen(items[active]);
    else return;
    event.preventDefault();
    event.stopPropagation();
    draw();
  }

  /** @param {MouseEvent} event @param {number} at */
  function onClick(event, at) {
    const target = /** @type {Element} */ (event.target);
    if (target.closest("a, button")) return;
    if (event.shiftKey && onSelect) {
      active = at;
      chooseTo(at);
    } else if (onSelect && (event.ctrlKey || target.closest(".choice"))) toggle(at);
    else {
      active = at;
      anchorHere();
    }
    box.value?.focus({ preventScroll: true });
    tellPlace();
    draw();
  }

  /** @param {Item} item @param {number} at */
  function rowTemplate(item, at) {
    const isChosen = chosen.has(key(item));
    return html`<div
      role="row"
      id="${id}-${at}"
      class="vrow ${at === active ? "active" : ""} ${tone?.(item) ?? ""}"
      aria-rowindex=${at + 2}
      aria-selected=${onSelect ? String(isChosen) : nothing}
      .style=${`height:${high}px;transform:translateY(${at * high}px)`}
      @click=${(/** @type {MouseEvent} */ event) => onClick(event, at)}
      @dblclick=${() => onOpen?.(item)}
    >
      ${onSelect ? html`<span role="gridcell" class="choice"><span class="tick" aria-hidden="true">${isChosen ? "✓" : ""}</span></span>` : ""}
      ${cells(item).map((cell, place) => html`<span role="gridcell" class=${columns[place].name}>${cell}</span>`)}
    </div>`;
  }

  function settle() {
    measure();
    const element = box.value;
    if (!element || !wanted || items.length * high < wanted.top) return;
    const place = wanted;
    wanted = null;
    const found = place.active ? items.findIndex((item) => key(item) === place.active) : -1;
    if (found >= 0) active = anchor = found;
    element.scrollTop = place.top;
    top = element.scrollTop;
    draw();
  }

  return {
    /** Put the keyboard into the rows. */
    focus: () => box.value?.focus({ preventScroll: true }),

    /** The row that the keyboard is on. @returns {Item | undefined} */
    active: () => items[active],

    /** Go to a row. @param {number} at */
    go: (at) => move(at, false),

    /** Which row the keyboard is on. */
    at: () => active,

    /** Go back to where the clerk was, as soon as there are rows enough. @param {Place | null} place */
    restore: (place) => (wanted = place),

    close: () => sizes.disconnect(),

    /** @param {Item[]} shown @param {Set<string>} [selected] */
    template(shown, selected = new Set()) {
      items = shown;
      chosen = selected;
      active = Math.max(0, Math.min(active, items.length - 1));
      const first = Math.max(0, Math.min(Math.floor(top / high), items.length) - AROUND);
      const last = Math.min(items.length, Math.ceil((top + room) / high) + AROUND);
      const seen = items.slice(first, last);
      queueMicrotask(settle);
      return html`<div
        ${ref(box)}
        id=${id}
        class="vrows"
        role="grid"
        tabindex="0"
        aria-label=${label}
        aria-rowcount=${items.length + 1}
        aria-multiselectable=${Boolean(onSelect)}
        aria-activedescendant=${active >= first && active < last ? `${id}-${active}` : ""}
        @scroll=${onScroll}
        @keydown=${onKey}
      >
        <div role="rowgroup" class="vrows-head">
          <div role="row" class="vrow" aria-rowindex="1" .style=${`height:${high * 0.6}px`}>
            ${onSelect ? html`<span role="columnheader" class="choice"><span class="visually-hidden">选中</span></span>` : ""}
            ${columns.map(({ name, label: words }) => html`<span role="columnheader" class=${name}>${words}</span>`)}
          </div>
        </div>
        <div role="rowgroup" class="vrows-body" .style=${`height:${items.length * high}px`}>
          ${seen.map((item, place) => rowTemplate(item, first + place))}
        </div>
      </div>`;
    },
  };
}
