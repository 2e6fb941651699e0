/** The office's figures: what came in, how well advice held, what presses, what is hot, and the papers of the year. */
import { get, patiently } from "../../api.js";
import { onChanges } from "../../changes.js";
import { html } from "../../html.js";
import { sayProblem } from "../../messages.js";
import { numbersInPrint } from "../../parts/chart.js";
import * as due from "./due.js";
import * as hot from "./hot.js";
import * as overview from "./overview.js";
import * as papers from "./papers.js";
import { scopeOf, scopeTemplate, scopeWords, written } from "./period.js";
import * as promise from "./promise.js";
import * as quick from "./quick.js";
import * as returns from "./returns.js";

/** @typedef {import("./period.js").Scope} Scope */
/**
 * What a tab is given. @typedef {object} Ground
 * @property {() => void} draw
 * @property {() => Scope} scope
 * @property {() => Record<string, any>} filter the scope as parameters of a query
 * @property {() => number} total suggestions in the memory
 */
/**
 * What a tab gives. @typedef {object} Tab
 * @property {() => void} load asks anew: the scope was changed, or the tab is entered
 * @property {() => any} template
 * @property {() => void} close
 */

/** @type {Record<string, {title: string, days: boolean, open: (ground: Ground) => Tab}>} */
const TABS = {
  overview: { title: "总览", days: true, open: overview.open },
  promise: { title: "承诺兑现", days: true, open: promise.open },
  returns: { title: "退单", days: true, open: returns.open },
  due: { title: "期限", days: false, open: due.open },
  hot: { title: "热点", days: true, open: hot.open },
  workload: { title: "承办量", days: true, open: quick.workload },
  inspection: { title: "抽查样本", days: true, open: quick.inspection },
  supervision: { title: "重点督办", days: true, open: papers.supervision },
  papers: { title: "报告", days: true, open: papers.every },
};

/** @param {import("../../router.js").Page} page @returns {import("../../router.js").View} */
export function open(page) {
  const { draw } = page;
  let name = "";
  /** @type {Tab | null} */
  let tab = null;
  let query = page.query;
  /** @type {{sessions: string[], sources: string[], usual: import("./period.js").Kind, total: number} | null} */
  let known = null;
  /** What others, or this clerk elsewhere, did since the figures were counted. */
  let since = 0;
  const left = new AbortController();
  const stopPrinting = numbersInPrint();
  const stopFollowing = onChanges((changes) => {
    since += changes.length;
    draw();
  });

  const scope = () => scopeOf(query, known?.usual ?? "year");
  const ground = {
    draw,
    scope,
    filter: () => {
      const { since, until, session, source } = scope();
      return { since, until, session, source };
    },
    total: () => known?.total ?? 0,
  };

  /** @param {import("../../router.js").Page} next */
  function enter(next) {
    const wanted = Object.hasOwn(TABS, next.parts[0] ?? "") ? next.parts[0] : "overview";
    query = next.query;
    if (wanted !== name) {
      tab?.close();
      name = wanted;
      tab = TABS[name].open(ground);
    }
    load();
    draw();
  }

  function load() {
    since = 0;
    if (known) tab?.load();
  }

  async function start() {
    try {
      const counts = await patiently(() => get("/v1/statistics"), left.signal);
      const values = (/** @type {{value: string}[]} */ rows) =>
        rows.map(({ value }) => value).filter(Boolean);
      const year = String(new Date().getFullYear());
      const current = counts.months.some((/** @type {{value: string}} */ one) => one.value.startsWith(year));
      const usual = current ? "year" : "all";
      known = {
        sessions: values(counts.sessions),
        sources: values(counts.sources),
        usual,
        total: counts.total,
      };
      load();
    } catch (error) {
      sayProblem(error);
    }
    draw();
  }

  /** @param {Scope} next */
  function set(next) {
    query = new URLSearchParams(written(next)); // at once: what is drawn before the address has changed shows it too
    location.hash = `#/office/${name}?${query}`;
  }

  /** @param {string} one */
  function tabTemplate(one) {
    const kept = query.toString();
    const address = `#/office/${one}${kept ? `?${kept}` : ""}`;
    return html`<a href=${address} aria-current=${one === name ? "page" : "false"}>${TABS[one].title}</a>`;
  }

  function bodyTemplate() {
    if (!known) return html`<p class="starting" role="status">正在统计……</p>`;
    if (!known.total)
      return html`<p class="empty">
        还没有登记建议，所以没有可以统计的。登记以后，这里有件数和趋势、建议被采纳的情况、退单、期限、热点和各种报告。<br />
        从<a href="#/batch">一批</a>导入 Excel，或在<a href="#/one">一件</a>里录入。
      </p>`;
    const days = TABS[name].days;
    const unchosen = days && scope().kind === "session" && !scope().session.length;
    return html`${scopeTemplate(scope(), known, set, { days })}
      ${days ? html`<p class="office-words">${scopeWords(scope())}</p>` : ""}
      <p class="hint no-print" role="status">
        ${since ? html`统计以后又有${since}处登记或变动。<button type="button" class="link" @click=${load}>重新统计</button>` : ""}
      </p>
      ${unchosen ? html`<p class="empty">请在上面选一次或几次会议。</p>` : tab?.template()}`;
  }

  enter(page);
  void start();

  return {
    template: () => html`<h1>全局</h1>
      <nav class="office-tabs no-print" aria-label="统计内容">${Object.keys(TABS).map(tabTemplate)}</nav>
      <div class="office-body"><h2 class="visually-hidden">${TABS[name].title}</h2>${bodyTemplate()}</div>`,
    moved: (next) => {
      enter(next);
      return true;
    },
    close: () => {
      left.abort();
      tab?.close();
      stopPrinting();
      stopFollowing();
    },
  };
}
