/**
 * A picture of figures with its caption and its numbers: bars lying one below the other, bars of several parts, or lines
 * along time. Parts and lines differ by pattern as well as by colour, so they can be told apart in print.
 */
import { html, svg } from "../html.js";
import { written } from "./table.js";

/** @typedef {import("./table.js").Form} Form */
/**
 * @typedef {object} Chart
 * @property {"bar" | "line" | "stacked"} kind
 * @property {string} title its caption
 * @property {string[]} labels
 * @property {{name: string, values: (number | null)[]}[]} series a value for each label
 * @property {Form} [form] how values are written; left out: counts
 * @property {string} [unit] what is counted, for the caption; left out: 件
 */

const WIDTH = 640;
const LINE = 26;
const BAR = 16;
const HEIGHT = 260;
const FOOT = 34;
/** More bars than this nobody compares; the numbers below have all. */
const MOST = 40;
/** Values beside the points of a line, up to this many points. */
const TOLD = 14;
const COLOURS = ["#1b4f8f", "#c2740a", "#1c6b3a", "#8c2f7a", "#4a5563", "#a3211c"];
const DASHES = ["", "7 4", "2 3", "10 3 2 3", "4 2", "1 2"];

/**
 * The picture, its caption, and the numbers in a table that opens below.
 * @param {Chart & {empty?: string, told?: boolean}} chart `empty`: what would stand here; `told`: a table beside it
 *   says the same, so that print needs the numbers once
 */
export function chartTemplate(chart) {
  const { title, labels, series, unit = "件", form = "count", empty = "" } = chart;
  if (!labels.length || !series.length) return empty ? html`<p class="empty">${empty}</p>` : "";
  const hidden = chart.kind === "line" ? 0 : Math.max(0, labels.length - MOST);
  return html`<figure class="chart">
    <figcaption>${title}${form === "share" || !unit ? "" : html`<small>（${unit}）</small>`}</figcaption>
    ${series.length > 1 ? legend(chart) : ""} ${chart.kind === "line" ? lines(chart) : bars(chart)}
    ${hidden ? html`<p class="hint">另有${hidden}项没有画出，见下面的数字。</p>` : ""}
    <details class="chart-numbers ${writtenOut(chart) ? "" : "chart-needed"}">
      <summary>图中数字</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="${title}的数字">
        <table>
          <caption>${title}</caption>
          <thead>
            <tr>
              <th scope="col">项目</th>
              ${series.map((one) => html`<th scope="col" class="number">${one.name || unit}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${labels.map(
              (label, place) => html`<tr>
                <th scope="row">${label}</th>
                ${series.map((one) => html`<td class="number">${written(one.values[place], form)}</td>`)}
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
  </figure>`;
}

/**
 * Open the numbers of every picture that does not show them itself while the page is printed, and close them again after it.
 * @returns {() => void} ends it
 */
export function numbersInPrint() {
  /** @type {HTMLDetailsElement[]} */
  let opened = [];
  const open = () => {
    opened = [
      .../** @type {NodeListOf<HTMLDetailsElement>} */ (
        document.querySelectorAll(".chart-needed:not([open])")
      ),
    ];
    for (const one of opened) one.open = true;
  };
  const close = () => {
    for (const one of opened) one.open = false;
  };
  addEventListener("beforeprint", open);
  addEventListener("afterprint", close);
  return () => {
    removeEventListener("beforeprint", open);
    removeEventListener("afterprint", close);
  };
}

/** Whether each number stands in the picture, or beside it. @param {Chart & {told?: boolean}} chart */
function writtenOut({ kind, series, labels, told = false }) {
  if (told || (kind === "bar" && labels.length <= MOST)) return true;
  return series.length === 1 && labels.length <= (kind === "line" ? TOLD : MOST);
}

/** @param {Chart} chart */
function legend({ kind, series }) {
  const sample = (/** @type {number} */ place) =>
    kind === "line"
      ? svg`<line x1="0" y1="7" x2="36" y2="7" stroke=${colour(place)} stroke-width="2.5" stroke-dasharray=${dash(place)} />`
      : svg`<rect x="0" y="1" width="36" height="12" fill=${colour(place)} />${pattern(place, 0, 1, 36, 12)}`;
  return html`<ul class="chart-legend">
    ${series.map(({ name }, place) => html`<li><svg width="36" height="14" aria-hidden="true">${sample(place)}</svg> ${name}</li>`)}
  </ul>`;
}

/** One sentence for those who do not see the picture. @param {Chart} chart */
function told({ title, labels, series, form = "count", unit = "件" }) {
  const sums = series.map((one) => {
    const known = one.values.filter((value) => value !== null);
    if (!known.length) return "";
    const most = Math.max(.../** @type {number[]} */ (known));
    const mark = form === "count" ? unit : "";
    return `${one.name ? `${one.name}：` : ""}最多是${labels[one.values.indexOf(most)]}，${written(most, form)}${mark}`;
  });
  return `${title}，共${labels.length}项。${sums.filter(Boolean).join("；")}。数字见图下的表。`;
}

/** Bars, one a label; of several series the parts stand in a row. @param {Chart} chart */
function bars(chart) {
  const labels = chart.labels.slice(0, MOST);
  const form = chart.form ?? "count";
  const sums = labels.map((_, place) =>
    chart.series.reduce((sum, one) => sum + Math.max(0, one.values[place] ?? 0), 0),
  );
  const parts = chart.series.length > 1 && chart.kind !== "stacked" ? chart.series.length : 1;
  const most = Math.max(
    ...(parts > 1 ? chart.series.flatMap((one) => one.values.map((value) => value ?? 0)) : sums),
    1e-9,
  );
  const left = Math.min(230, Math.max(...labels.map((label) => widthOf(shortened(label)))) + 12);
  const room = WIDTH - left - 70;
  const step = parts > 1 ? BAR * parts + 10 : LINE;
  const rows = labels.map((label, place) => {
    const top = place * step + 4;
    const name = svg`<text x=${left - 8} y=${top + (step - 10) / 2 + 5} text-anchor="end">${shortened(label)}</text>`;
    if (parts > 1)
      return svg`${name}${chart.series.map((one, part) => bar(part, left, top + part * BAR, one.values[place]))}`;
    let start = left;
    const pieces = chart.series.map((one, part) => {
      const wide = (Math.max(0, one.values[place] ?? 0) / most) * room;
      start += wide;
      return rectangle(part, start - wide, top, wide);
    });
    const known = chart.series.some((one) => one.values[place] !== null);
    return svg`${name}${pieces}${valueText(start, top, written(known ? sums[place] : null, form))}`;
  });
  function bar(
    /** @type {number} */ part,
    /** @type {number} */ x,
    /** @type {number} */ y,
    /** @type {number | null} */ value,
  ) {
    const wide = (Math.max(0, value ?? 0) / most) * room;
    return svg`${rectangle(part, x, y, wide)}${valueText(x + wide, y, written(value, form))}`;
  }
  const height = labels.length * step + 4;
  return html`<svg class="chart-picture" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label=${told(chart)}>
    ${rows}
    <line x1=${left} y1="0" x2=${left} y2=${height} class="chart-axis" />
  </svg>`;
}

/** @param {number} part @param {number} x @param {number} y @param {number} wide */
function rectangle(part, x, y, wide) {
  return wide > 0
    ? svg`<rect x=${x} y=${y} width=${wide} height=${BAR} fill=${colour(part)} />${pattern(part, x, y, wide, BAR)}`
    : "";
}

/** @param {number} x @param {number} y @param {string} text */
function valueText(x, y, text) {
  return svg`<text x=${x + 6} y=${y + BAR - 3}>${text}</text>`;
}

/** Strokes on a filled box, each series its own; the first is plain. */
function pattern(
  /** @type {number} */ part,
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {number} */ wide,
  /** @type {number} */ high,
) {
  if (part % COLOURS.length === 0) return "";
  const step = part % 2 ? 6 : 10;
  const slant = part % 3 ? high : 0;
  const strokes = [];
  for (let at = step; at + slant < wide; at += step) strokes.push(`M${x + at} ${y + high}l${slant} ${-high}`);
  return strokes.length ? svg`<path d=${strokes.join("")} class="chart-hatch" />` : "";
}

/** Lines along the labels. @param {Chart} chart */
function lines(chart) {
  const { labels, series, form = "count" } = chart;
  const values = series.flatMap((one) => one.values.filter((value) => value !== null));
  const marks = ticks(Math.max(.../** @type {number[]} */ (values), 0), form);
  const top = marks[marks.length - 1];
  const left = Math.max(...marks.map((mark) => widthOf(written(mark, form)))) + 12;
  const room = WIDTH - left - 24;
  const x = (/** @type {number} */ place) =>
    left + (labels.length > 1 ? (place / (labels.length - 1)) * room : room / 2);
  const y = (/** @type {number} */ value) => HEIGHT - FOOT - (value / top) * (HEIGHT - FOOT - 24);
  const grid = marks.map(
    (mark) => svg`<line x1=${left} y1=${y(mark)} x2=${WIDTH - 24} y2=${y(mark)} class="chart-grid" />
      <text x=${left - 8} y=${y(mark) + 5} text-anchor="end">${written(mark, form)}</text>`,
  );
  const every = Math.ceil((Math.max(...labels.map(widthOf)) + 16) / (room / Math.max(1, labels.length - 1)));
  const feet = labels.map((label, place) => {
    // a label that would run over the edge or into the last one is left out
    if ((labels.length - 1 - place) % every) return "";
    const anchor = place === labels.length - 1 && labels.length > 1 ? "end" : "middle";
    const at = anchor === "end" ? WIDTH - 2 : Math.max(x(place), widthOf(label) / 2);
    return svg`<text x=${at} y=${HEIGHT - 10} text-anchor=${anchor}>${label}</text>`;
  });
  const drawn = series.map((one, place) => {
    const told = series.length === 1 && labels.length <= TOLD;
    return svg`<path d=${pathOf(one.values, x, y)} fill="none" stroke=${colour(place)} stroke-width="2.5"
        stroke-dasharray=${dash(place)} />
      ${one.values.map((value, at) =>
        value === null
          ? ""
          : svg`<circle cx=${x(at)} cy=${y(value)} r="3.5" fill=${colour(place)} />
            ${told ? svg`<text x=${x(at)} y=${y(value) - 9} text-anchor="middle">${written(value, form)}</text>` : ""}`,
      )}`;
  });
  return html`<svg class="chart-picture" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${told(chart)}>
    ${grid}${feet}${drawn}
  </svg>`;
}

/**
 * A line that stops where nothing is known.
 * @param {(number | null)[]} values @param {(place: number) => number} x @param {(value: number) => number} y
 */
function pathOf(values, x, y) {
  let pen = "M";
  return values
    .map((value, place) => {
      if (value === null) {
        pen = "M";
        return "";
      }
      const step = `${pen}${x(place).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = "L";
      return step;
    })
    .join("");
}

/** Round marks from 0 to above the largest value. @param {number} most @param {Form} form @returns {number[]} */
function ticks(most, form) {
  if (form === "share") return [0, 0.25, 0.5, 0.75, 1];
  const rough = Math.max(most, 4) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? rough;
  return Array.from({ length: Math.ceil(Math.max(most, 4) / step) + 1 }, (_, place) => place * step);
}

/** @param {number} place */
function colour(place) {
  return COLOURS[place % COLOURS.length];
}

/** @param {number} place */
function dash(place) {
  return DASHES[place % DASHES.length];
}

/** Units of the picture that a text takes at its size of letters. @param {string} text */
function widthOf(text) {
  let wide = 0;
  for (const letter of text) wide += letter.charCodeAt(0) > 255 ? 14 : 8;
  return wide;
}

/** @param {string} label */
function shortened(label) {
  return widthOf(label) > 214 ? `${Array.from(label).slice(0, 14).join("")}…` : label;
}
