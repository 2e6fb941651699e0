/** 承诺兑现: how often decisions followed the advice, told with counts and with how much few cases can tell. */
import { get } from "../../api.js";
import { DECISIONS, number, share } from "../../formats.js";
import { html } from "../../html.js";
import { asked } from "../../parts/asked.js";
import { chartTemplate } from "../../parts/chart.js";
import { showFound } from "../../parts/rows-window.js";
import { tableTemplate } from "../../parts/table.js";

/** @typedef {{decided: number, kept: number}} Kept */
/** @typedef {keyof typeof DECISIONS} Promised */

/** Below this a share alone misleads. */
const FEW = 30;
const NAMES = /** @type {Promised[]} */ (Object.keys(DECISIONS));

/** @param {import("./view.js").Ground} ground @returns {import("./view.js").Tab} */
export function open({ draw, filter }) {
  const counts = asked(draw);

  return {
    load() {
      const query = filter();
      counts.ask({
        now: async (signal) => {
          const [told, card] = await Promise.all([
            get("/v1/statistics", { query, signal }),
            get("/v1/model", { signal }),
          ]);
          return { ...told.followed, accuracy: card.promise?.accuracy ?? null };
        },
      });
    },
    close: () => counts.close(),
    template: () => counts.template((/** @type {any} */ told) => promiseTemplate(told, draw, filter)),
  };
}

/**
 * Between which shares the true one likely lies: Wilson's interval for 95 %.
 * @param {number} kept @param {number} of @returns {[number, number]}
 */
export function likely(kept, of) {
  const z = 1.96;
  const middle = (kept + (z * z) / 2) / (of + z * z);
  const wide = (z / (of + z * z)) * Math.sqrt((kept * (of - kept)) / of + (z * z) / 4);
  return [Math.max(0, middle - wide), Math.min(1, middle + wide)];
}

/** What the counts say of the promise. @param {Kept} kept @param {number} accuracy */
export function verdict({ decided, kept }, accuracy) {
  const [low, high] = likely(kept, decided);
  const between = `按这${decided}件推断，长远的比例大约在${share(low)}到${share(high)}之间`;
  if (high < accuracy)
    return `${between}，低于承诺。请告诉管理员：看看改成了哪些单位，也许要补职责或重新训练。`;
  if (low >= accuracy) return `${between}，达到承诺。`;
  return decided < FEW ? `${between}：件数还少，看不出是否达到承诺。` : `${between}，与承诺没有明显差别。`;
}

/** @param {any} told @param {() => void} draw @param {() => Record<string, any>} filter */
function promiseTemplate(told, draw, filter) {
  if (!told.compared)
    return html`<p class="empty">
      这个时段还没有可以对照的决定。决定主办单位时，那一件若已有建议，就记下两者是否一致；这里告诉您建议兑现了多少。
    </p>`;
  const by = /** @type {Record<Promised, Kept>} */ (told.promises);
  const known = NAMES.filter((name) => by[name]?.decided);
  return html`<section class="card">
      <h3>建议兑现了多少</h3>
      ${sentences(told).map((line) => html`<p>${line}</p>`)}
      <p class="hint">
        照建议办不等于建议正确：做决定的人看过建议，会受它影响；交办后被退回的，见“<a href="#/office/returns">退单</a>”。
      </p>
    </section>
    <div class="columns">
      <section class="card">
        ${chartTemplate({
          kind: "stacked",
          title: "决定与建议",
          labels: known.map((name) => DECISIONS[name].name),
          series: [
            { name: "主办照首选", values: known.map((name) => by[name].kept) },
            { name: "改了主办", values: known.map((name) => by[name].decided - by[name].kept) },
          ],
        })}
        ${tableTemplate({
          title: "按把握",
          header: ["当时的把握", "已决定", "主办照首选", "比例", "占全部"],
          forms: ["text", "count", "count", "share", "share"],
          rows: known.map((name) => {
            const { decided, kept } = by[name];
            return [
              DECISIONS[name].name,
              decided,
              kept,
              decided < 10 ? null : kept / decided,
              decided / told.compared,
            ];
          }),
          note: "不足10件的不算比例。",
          name: "承诺兑现",
        })}
      </section>
      <section class="card">${changesTemplate(told.changes, draw, filter)}</section>
    </div>`;
}

/** @param {any} told @returns {string[]} */
function sentences({
  compared,
  promises,
  accuracy,
  lead_kept,
  lead_within_five,
  lead_other,
  co_kept,
  co_added,
  co_dropped,
}) {
  const { decided, kept } = promises.suggest;
  const rate = (/** @type {number} */ part, /** @type {number} */ of) =>
    of >= 10 ? `，占${share(part / of)}` : "";
  const promised = accuracy === null ? "" : `承诺是${share(accuracy)}。`;
  return [
    `有${number(compared)}件在决定时已有建议，可以对照。`,
    decided
      ? `其中${number(decided)}件标为“${DECISIONS.suggest.name}”${rate(decided, compared)}；这些件里主办照首选办的有${number(kept)}件${rate(kept, decided)}。${promised}${accuracy === null ? "" : verdict(promises.suggest, accuracy)}`
      : `其中没有标为“${DECISIONS.suggest.name}”的，还说不上是否兑现。`,
    `全部${number(compared)}件中，主办照首选办的${number(lead_kept)}件，在所列五个单位以内的${number(lead_within_five)}件，在五个以外的${number(lead_other)}件。`,
    `会办单位与建议完全相同的${number(co_kept)}件；人工共增加了${number(co_added)}家次，去掉了${number(co_dropped)}家次。`,
  ];
}

/** @param {{suggested: string, decided: string, count: number}[]} changes @param {() => void} draw @param {() => Record<string, any>} filter */
function changesTemplate(changes, draw, filter) {
  const show = (/** @type {number} */ row) => {
    const { suggested, decided } = changes[row];
    const wanted = {
      ...filter(),
      advised_unit: suggested,
      unit: decided,
      role: "lead",
      state: ["decided", "closed"],
    };
    void showFound(`建议${suggested}，决定${decided}`, wanted);
  };
  return tableTemplate({
    title: "主办改动最多的",
    header: ["建议的主办", "决定的主办", "件数"],
    forms: ["text", "text", "count"],
    rows: changes.map((one) => [one.suggested, one.decided, one.count]),
    draw,
    cell: (row, column) =>
      column === 2
        ? html`<button type="button" class="table-number" aria-label="${changes[row].count}，列出这些建议" @click=${() => show(row)}>${changes[row].count}</button>`
        : undefined,
    note: "点件数，按现在的建议列出；建议后来变过的，件数会略有出入。",
    empty: "没有改过主办：都照建议办了。",
  });
}
