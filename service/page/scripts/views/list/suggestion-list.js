/** A list of suggestions: filters, rows, deciding about several, the load on the units, sheets. */
import { get, Problem } from "../../api.js";
import { draft, keepDraft } from "../../drafts.js";
import { day, decisionWords, listed, number, percent, STATES } from "../../formats.js";
import { html } from "../../html.js";
import { say } from "../../messages.js";
import { virtualRows } from "../../parts/virtual-rows.js";
import { address } from "../../router.js";
import { may } from "../../session.js";
import { bulk } from "./bulk.js";
import {
  choose,
  filtersOf,
  filtersTemplate,
  filterWords,
  loadTemplate,
  topicOf,
  unitsOf,
} from "./filters.js";
import { downloadRows, printing } from "./paper.js";
import { rowStore } from "./rows.js";
import { meetingSheet } from "./sheet.js";

/** @typedef {import("./rows.js").Row} Row @typedef {import("./filters.js").Filters} Filters */

const TYPED = 400;
const KEEP = 300;
const FOUND = 5000;
const COLUMNS = [
  { name: "list-title", label: "建议" },
  { name: "list-sure", label: "把握" },
  { name: "list-units", label: "主办" },
  { name: "list-units list-co", label: "会办" },
  { name: "list-topic", label: "类别" },
  { name: "list-state", label: "状态" },
];

/**
 * @param {{batch?: string, query: URLSearchParams, draw: () => void, write: (query: Filters) => void,
 *   title?: () => string, beside?: any, above?: () => any}} options `write` puts the filters into the address; `beside`
 *   stands by the title, `above` over the filters
 */
export function suggestionList({
  batch = "",
  query,
  draw,
  write,
  title = () => "全部建议",
  beside = "",
  above = () => "",
}) {
  const name = `list.${batch || "all"}`;
  const scope = batch ? { batch: [batch] } : {}; // as a list: a job takes it like that
  const kept = draft(name) ?? {};
  let filters = filtersOf(query);
  /** @type {Set<string> | null} */
  let found = null;
  /** @type {import("./filters.js").Chosen} */
  let chosen = choose([], filters, null);
  /** @type {any[]} */
  let chosenFrom = [];
  /** @type {Row[]} */
  let shown = [];
  let moved = 0;
  let selected = new Set(/** @type {string[]} */ (kept.selected ?? []));
  let place = kept.place ?? null;
  let load = kept.load ?? false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let keeping;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing;
  /** @type {AbortController | null} */
  let searching = null;

  const store = rowStore({ filter: scope, changed });
  const grid = virtualRows({
    id: "list-rows",
    label: "建议列表",
    height: 3.25,
    columns: COLUMNS,
    key: (/** @type {Row} */ row) => row.id,
    tone: (row) => (deciding.failure(row.id) ? "failed" : ""),
    cells,
    onOpen: openRow,
    onSelect: select,
    onPlace: (now) => {
      place = now;
      keep();
    },
    draw,
  });
  const sheet = meetingSheet({ name, store, draw, decided: refilter });
  const paper = printing(() => ({
    rows: shown,
    title: [title(), filterWords(filters)].filter(Boolean).join("："),
  }));
  const deciding = bulk({
    ...{ kept: kept.wanted, store, meant, next, keep, draw, decided: refilter, toRows: grid.focus },
    chosen: () => selected.size,
    choose: (ids) => select(new Set(ids)),
  });

  grid.restore(place);
  void store.load();
  if (filters.q) search();

  /** Rows came, went or say something else. @param {"rows" | "content" | "own"} what */
  function changed(what) {
    if (what === "own" || (what === "rows" && store.state().loading)) return refilter();
    chooseAnew();
    const fits = new Set(chosen.rows);
    shown = shown.flatMap((row) => store.row(row.id) ?? []);
    moved = shown.length + chosen.rows.length - 2 * shown.filter((row) => fits.has(row)).length;
    if (!shown.length) shown = chosen.rows;
    draw();
  }

  /** Thousands of rows are gone through only where there is something new about them. */
  function chooseAnew() {
    const from = [store.all(), filters, found];
    if (from.every((one, place) => one === chosenFrom[place])) return;
    chosen = choose(store.all(), filters, found);
    chosenFrom = from;
  }

  function refilter() {
    chooseAnew();
    shown = chosen.rows;
    moved = 0;
    draw();
  }

  /** @param {Filters} changes */
  function set(changes) {
    filters = { ...filters, ...changes };
    write(Object.fromEntries(Object.entries(filters).filter(([, value]) => value)));
    if ("q" in changes) search();
    refilter();
  }

  /** The service looks for the words in the texts, which are not here; titles are searched at once. */
  function search() {
    clearTimeout(typing);
    searching?.abort();
    found = null;
    const words = filters.q.trim();
    if (!words) return;
    typing = setTimeout(async () => {
      searching = new AbortController();
      /** @type {Set<string>} */
      const ids = new Set();
      let cursor = "";
      try {
        do {
          const answer = await get("/v1/suggestions", {
            query: { ...scope, q: words, limit: 500, cursor },
            signal: searching.signal,
          });
          for (const { id } of answer.suggestions) ids.add(id);
          cursor = answer.next ?? "";
        } while (cursor && ids.size < FOUND);
        found = ids;
        refilter();
      } catch (error) {
        if (!(error instanceof DOMException || error instanceof Problem)) throw error; // titles were searched anyway
      }
    }, TYPED);
  }

  function keep() {
    clearTimeout(keeping);
    keeping = setTimeout(keepNow, KEEP);
  }

  function keepNow() {
    clearTimeout(keeping);
    keepDraft(name, { selected: [...selected], place, wanted: deciding.wanted(), load });
  }

  /** @param {Set<string>} ids */
  function select(ids) {
    selected = ids;
    keep();
    draw();
  }

  /** @param {Row} row */
  function openRow(row) {
    keepNow();
    location.hash = address("one", [row.id]);
  }

  /** The rows that are chosen, else the one that the keyboard is on. @returns {Row[]} */
  function meant() {
    const rows = [...selected].flatMap((id) => store.row(id) ?? []);
    const active = grid.active();
    return rows.length || !active ? rows : [store.row(active.id) ?? active];
  }

  /** To the next one that nobody decided yet. */
  function next() {
    const from = grid.at() + 1;
    const rest = [...shown.slice(from), ...shown.slice(0, from)];
    const step = rest.findIndex((row) => row.state === "open");
    if (step < 0) return say("列表里都交办了。");
    grid.go((from + step) % shown.length);
    grid.focus();
  }

  /** @param {Row} row */
  function cells(row) {
    const { lead, co, decided } = unitsOf(row);
    const { advice } = row;
    const sure = decisionWords(advice?.decision);
    const advised = decided || !lead.length ? "" : html`<span class="list-advised">建议</span>`;
    const why = deciding.failure(row.id);
    const origin = [row.id, row.source, row.session, day(row.date), advice?.zone].filter(Boolean).join(" · ");
    return [
      html`<a href=${address("one", [row.id])} tabindex="-1">${row.title || "（没有标题）"}</a>
        ${why ? html`<small class="trouble">${why}</small>` : html`<small>${origin}${row.confidential ? " · 保密" : ""}</small>`}`,
      html`<span class="tag ${sure.tone}">${sure.name}</span>${advice?.lead ? html`<small>${percent(advice.score)}</small>` : ""}`,
      html`${advised}<span title=${listed(lead)}>${listed(lead) || "—"}</span>`,
      html`<span title=${listed(co)}>${listed(co) || "—"}</span>`,
      topicOf(row) || "—",
      html`<span class="tag ${row.returned ? "wrong" : row.state === "open" ? "none" : "sure"}"
          >${row.returned ? "被退回" : STATES[/** @type {keyof typeof STATES} */ (row.state)]}</span
        >${row.by ? html`<small>${row.by} 刚刚</small>` : ""}`,
    ];
  }

  function countsTemplate() {
    const { loading, problem, capped } = store.state();
    const all = store.all().length;
    const part =
      shown.length === all ? `共${number(all)}件` : `筛出${number(shown.length)}件，共${number(all)}件`;
    const open = shown.filter((row) => row.state === "open");
    const bare = may("triage") ? open.filter((row) => !row.advice) : [];
    return html`<p class="list-counts" role="status">
      <strong>${part}</strong>${shown.length ? `，待交办${number(open.length)}件` : ""}${loading ? "，正在取……" : ""}
      ${capped ? html`<span class="trouble">太多了，只取了最没把握的${number(all)}件。</span>` : ""}
      ${problem ? html`<span class="trouble">${problem.message}</span> <button type="button" class="link" @click=${() => void store.load()}>再试</button>` : ""}
      ${bare.length && !loading ? html`<button type="button" class="link" @click=${() => sheet.advise(bare)}>分析还没有建议的${number(bare.length)}件</button>` : ""}
      ${moved ? html`<button type="button" class="link" @click=${refilter}>有${number(moved)}件变了，更新列表</button>` : ""}
    </p>`;
  }

  function toolsTemplate() {
    const whole = [title(), filterWords(filters)].filter(Boolean).join("-");
    return html`<p class="row list-tools no-print">
      ${
        may("triage")
          ? html`<button type="button" class="button" ?disabled=${!shown.length} @click=${() => sheet.take(shown, scope)}>导出交办表</button>
            <label class="button list-file" for="list-sheet-file">带回交办表</label>
            <input id="list-sheet-file" class="visually-hidden" type="file" accept=".xlsx" @change=${brought} />`
          : ""
      }
      <button type="button" class="button" ?disabled=${!shown.length} @click=${() => void downloadRows(shown, whole)}>下载 Excel</button>
      <button type="button" class="button" ?disabled=${!shown.length} @click=${() => window.print()}>打印</button>
      <a class="button" href=${address("groups", [], batch ? { batch } : {})}>并案与不一致</a>
      <button type="button" class="button" aria-expanded=${load} aria-controls="list-load" @click=${turnLoad}>单位工作量</button>
    </p>`;
  }

  /** @param {any} event */
  function brought({ target }) {
    if (target.files[0]) sheet.bring(target.files[0]);
    target.value = "";
  }

  /** @param {DragEvent} event */
  function dropped(event) {
    const file = event.dataTransfer?.files[0];
    if (!file || !may("triage")) return;
    event.preventDefault();
    sheet.bring(file);
  }

  function turnLoad() {
    load = !load;
    keep();
    draw();
  }

  function emptyTemplate() {
    const { loading, problem } = store.state();
    if (loading) return html`<p class="empty">正在取建议……</p>`;
    if (problem) return "";
    if (store.all().length)
      return html`<p class="empty">没有一件符合这些筛选。<button type="button" class="link" @click=${() => set(filtersOf(new URLSearchParams()))}>全部显示</button></p>`;
    return html`<p class="empty">${batch ? "这一批里没有存下建议。" : "库里还没有建议。"}${may("triage") ? html`可以到<a href=${address("batch")}>一批</a>里导入 Excel，或在<a href=${address("one")}>一件</a>里录入。` : ""}</p>`;
  }

  return {
    template:
      () => html`<div class="list" @dragover=${(/** @type {Event} */ event) => event.preventDefault()} @drop=${dropped}>
      <div class="row list-top"><h1>${title()}</h1>${beside} ${toolsTemplate()}</div>
      ${above()} ${sheet.template()} ${filtersTemplate(filters, chosen, set)}
      <div class="row list-line">${countsTemplate()} ${may("decide") ? deciding.bar() : ""}</div>
      ${deciding.failures()} ${may("decide") ? deciding.panel() : ""}
      <div class="list-body ${load ? "with-load" : ""}">
        ${shown.length ? grid.template(shown, selected) : emptyTemplate()}
        ${
          load
            ? html`<section id="list-load" class="card list-side no-print" tabindex="0" aria-label="单位工作量">
              <h2>单位工作量</h2>
              <p class="hint">件数是已交办的；＋后面是按建议将要去的。点单位只看它的。</p>
              ${loadTemplate(chosen.load, filters, set)}
            </section>`
            : ""
        }
      </div>
      ${paper.template()}
    </div>`,

    shortcuts: () => {
      if (!may("decide")) return [{ key: "F8", label: "下一件待交办", run: next }];
      if (!sheet.open()) return deciding.shortcuts();
      return ["F2", "Ctrl+Enter"].map((key) => ({ key, label: "记入交办表上的决定", run: sheet.apply }));
    },

    /** @param {URLSearchParams} now */
    moved(now) {
      filters = filtersOf(now);
      search();
      refilter();
    },

    close() {
      keepNow();
      clearTimeout(typing);
      searching?.abort();
      for (const part of [store, grid, sheet, paper]) part.close();
    },
  };
}
