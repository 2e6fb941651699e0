/** 热点: what many ask for and how that grew, and the topics that nobody raises. */
import { get } from "../../api.js";
import { day, number } from "../../formats.js";
import { html, live } from "../../html.js";
import { resultOf } from "../../jobs.js";
import { asked } from "../../parts/asked.js";
import { chartTemplate } from "../../parts/chart.js";
import { showIds } from "../../parts/rows-window.js";
import { tableTemplate } from "../../parts/table.js";
import { address } from "../../router.js";

const CHARTED = 20;
const LEAST = [2, 3, 5, 10];

/** @param {import("./view.js").Ground} ground @returns {import("./view.js").Tab} */
export function open({ draw, filter }) {
  const found = asked(draw, {
    doing: "正在比较各件",
    idle: () => html`<p>把反映同一件事的放在一起，看哪些事许多人在提。</p>`,
  });
  const quiet = asked(draw);
  let least = 3;
  let level = 0;

  function load() {
    const { since, until, ...others } = filter();
    const chosen = Object.fromEntries(Object.entries(others).filter(([, value]) => value.length));
    const days = Object.fromEntries(Object.entries({ since, until }).filter(([, value]) => value));
    found.ask({
      now: (signal) => get("/v1/hot", { query: { ...filter(), least }, signal }),
      job: { kind: "hot", options: { ...days, least_texts: least }, filter: chosen },
      read: async (id) => ({ topics: await resultOf(id), notices: [] }),
    });
  }

  return {
    load() {
      load();
      const query = filter();
      quiet.ask({ now: (signal) => get("/v1/topics/unraised", { query, signal }) });
    },
    close() {
      found.close();
      quiet.close();
    },
    template:
      () => html`<form class="office-scope no-print" aria-label="热点设置" @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
        <label
          >至少
          <select
            @change=${(/** @type {any} */ event) => {
              least = Number(event.target.value);
              load();
            }}
          >
            ${LEAST.map((one) => html`<option value=${one} .selected=${live(least === one)}>${one}件</option>`)}
          </select>
          反映才算热点</label
        >
      </form>
      ${found.template((/** @type {any} */ told) => hotTemplate(told, draw))}
      ${quiet.template((/** @type {any} */ told) =>
        quietTemplate(told, level, draw, (next) => {
          level = next;
          draw();
        }),
      )}`,
  };
}

/** @param {any} told @param {() => void} draw */
function hotTemplate({ topics, notices, texts = null, alone = null, since, until, before }, draw) {
  if (!topics.length)
    return html`<p class="empty">这个时段没有许多人反映同一件事。可以把“至少几件”调小，或换一个长一些的时段。</p>`;
  const most = topics.slice(0, CHARTED);
  const compared =
    topics.some((/** @type {any} */ one) => one.before !== null && one.before !== undefined) &&
    (before ?? true);
  const counted = (/** @type {string} */ name) => most.map((/** @type {any} */ one) => one[name] ?? 0);
  const days = since && until ? `${day(since)}至${day(until)}` : "";
  const told =
    texts === null ? "" : `${days}看了${number(texts)}件，其中${number(alone)}件没有别人反映同样的事。`;
  return html`<p>${told}有${number(topics.length)}个热点${before ? `；上期为${day(before[0])}至${day(before[1])}` : ""}。</p>
    ${(notices ?? []).map((/** @type {string} */ line) => html`<p class="hint">注：${line}</p>`)}
    <section class="card">
      ${chartTemplate({
        kind: "bar",
        title: "热点件数",
        labels: most.map((/** @type {any} */ one) => one.name),
        series: compared
          ? [
              { name: "本期", values: counted("size") },
              { name: "上期", values: counted("before") },
            ]
          : [{ name: "", values: counted("size") }],
      })}
    </section>
    <section class="card">
      ${tableTemplate({
        title: "热点",
        header: ["热点", "件数", "上期", "变化", "来源", "地点", "代表件"],
        forms: ["text", "count", "count", "text", "text", "text", "text"],
        rows: topics.map(row),
        links: topics.map((/** @type {any} */ one) => [
          null,
          one.members,
          one.earlier ?? [],
          null,
          null,
          null,
          null,
        ]),
        onRows: (ids, label) => void showIds(label, ids),
        cell: (place, column) => (column === 6 ? representatives(topics[place]) : undefined),
        draw,
      })}
    </section>`;
}

/** @param {any} topic @returns {import("../../parts/table.js").Cell[]} */
function row({ name, size, before, change, sources, places, representatives }) {
  return [
    name,
    size,
    before ?? null,
    change ?? "",
    sources.map((/** @type {any} */ one) => `${one.source || "未注明"}${one.count}件`).join("、"),
    places.map((/** @type {any} */ one) => one.place).join("、"),
    representatives.map((/** @type {any} */ one) => `${one.id} ${one.title}`).join("；"),
  ];
}

/** @param {any} topic */
function representatives({ representatives }) {
  return representatives.map(
    (/** @type {any} */ one) =>
      html`<a class="office-line" href=${address("one", [one.id])}>${one.title || one.id}</a>`,
  );
}

/** @param {any} told @param {number} level @param {() => void} draw @param {(level: number) => void} choose */
function quietTemplate({ topics, topics_known, cases, without, previous, notices }, level, draw, choose) {
  const levels = [...new Set(topics.map((/** @type {any} */ one) => one.level))].sort();
  const some = topics
    .filter((/** @type {any} */ one) => !level || one.level === level)
    .sort((/** @type {any} */ one, /** @type {any} */ other) => (other.before ?? 0) - (one.before ?? 0));
  const gone = topics.filter((/** @type {any} */ one) => one.before).length;
  return html`<section class="card">
    <h3>没有人反映的类别</h3>
    ${notices.map((/** @type {string} */ line) => html`<p class="hint">注：${line}</p>`)}
    <p>
      目录有${number(topics_known)}个类别，这个时段${number(cases)}件，有${number(topics.length)}个类别没有人反映${gone ? `，其中${number(gone)}个上期有人反映` : ""}。
      ${without ? `另有${number(without)}件还没有类别，也许正属于其中。` : ""}
    </p>
    ${
      levels.length > 1
        ? html`<p class="no-print">
          <label
            >列出
            <select @change=${(/** @type {any} */ event) => choose(Number(event.target.value))}>
              <option value="0" .selected=${live(level === 0)}>各级</option>
              ${levels.map((one) => html`<option value=${one} .selected=${live(level === one)}>第${one}级</option>`)}
            </select></label
          >
        </p>`
        : ""
    }
    ${tableTemplate({
      title: "没有人反映的类别",
      header: ["类别", "级", "上期件数", "最近一次"],
      forms: ["text", "count", "count", "day"],
      rows: some.map((/** @type {any} */ one) => [one.path.join("／"), one.level, one.before, one.last]),
      note: previous ? `上期为${previous.words}。` : "",
      first: 20,
      empty: topics_known ? "每个类别都有人反映。" : "目录里没有类别。",
      draw,
    })}
  </section>`;
}
