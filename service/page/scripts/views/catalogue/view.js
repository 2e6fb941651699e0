/**
 * The catalogue: units with their duties, topics, rules and settings. They are looked up and edited here; what is edited
 * stays a draft until it was previewed and put into force.
 */
import { patiently } from "../../api.js";
import { html, nothing } from "../../html.js";
import { sayProblem } from "../../messages.js";
import { focusLater } from "../../parts/focus.js";
import { address, go } from "../../router.js";
import { changesPart } from "./changes.js";
import { openDraft } from "./draft.js";
import { historyPart } from "./history.js";
import { reformPart } from "./reform.js";
import { settingsPart } from "./settings.js";
import { filePart, tablePart } from "./tables.js";
import { unitPart } from "./unit.js";
import { unitsPart } from "./units.js";

const TABS = {
  units: "单位",
  topics: "类别",
  areas: "区域",
  rules: "规矩",
  settings: "设置",
  changes: "修改与生效",
  history: "历次版本",
};
/** Where one thing is opened its heading is read out, and the keyboard goes on from there. */
const OPENED = ["unit", "row", "file", "reform"];
const INSIDE = { unit: "units", reform: "units", row: "", file: "settings" };

/** @typedef {{template: () => any, shortcuts?: import("../../keys.js").Shortcut[], close?: () => void}} Part */

/** @param {import("../../router.js").Page} page @returns {import("../../router.js").View} */
export function open(page) {
  const edited = openDraft(page.draw);
  let { parts } = page;
  /** @type {Part | null} */
  let part = null;
  let trouble = "";

  const left = new AbortController();
  patiently(edited.load, left.signal).then(enter, (error) => {
    if (left.signal.aborted) return;
    trouble = error.message;
    page.draw();
  });

  function enter() {
    part?.close?.();
    part = made(edited, parts, page);
    page.draw();
    if (OPENED.includes(parts[0])) focusLater("admin-heading");
  }

  function leaving() {
    edited.keep();
  }
  addEventListener("pagehide", leaving);

  return {
    template: () => html`<h1>单位与职责</h1>
      ${tabsTemplate(edited, parts[0] ?? "units", parts[1] ?? "")}
      ${trouble ? html`<p class="trouble" role="alert">${trouble}</p>` : ""} ${part ? part.template() : trouble ? "" : html`<p class="starting">正在读取目录……</p>`}`,
    get shortcuts() {
      return [
        ...(part?.shortcuts ?? []),
        { key: "F2", label: "看修改、生效", run: () => go("catalogue", ["changes"]) },
      ];
    },
    close() {
      left.abort();
      removeEventListener("pagehide", leaving);
      part?.close?.();
      edited.keep();
    },
    moved(next) {
      parts = next.parts;
      if (edited.held()) enter();
      return true;
    },
  };
}

/** @param {import("./draft.js").Edited} edited @param {string[]} parts @param {import("../../router.js").Page} page @returns {Part} */
function made(edited, [name = "units", one = "", two = ""], { draw }) {
  try {
    switch (name) {
      case "unit":
        return unitPart(edited, one, draw);
      case "reform":
        return reformPart(edited, one, draw);
      case "topics":
      case "areas":
      case "rules":
        return tablePart(edited, `${name}.csv`, "", draw);
      case "row":
        return tablePart(edited, one, two, draw);
      case "file":
        return filePart(edited, one, draw);
      case "settings":
        return settingsPart(edited, draw);
      case "changes":
        return changesPart(edited, draw);
      case "history":
        return historyPart(edited, one, draw);
      default:
        return unitsPart(edited, draw);
    }
  } catch (error) {
    sayProblem(error);
    return { template: () => html`<p class="empty">这里没有东西。</p>` };
  }
}

/** @param {import("./draft.js").Edited} edited @param {string} name @param {string} file */
function tabsTemplate(edited, name, file) {
  const inside =
    name === "row" ? file.replace(".csv", "") : (INSIDE[/** @type {keyof typeof INSIDE} */ (name)] ?? name);
  const number = edited.held()?.number;
  const count = edited.count();
  return html`<nav class="admin-tabs" aria-label="目录的各部分">
      ${Object.entries(TABS).map(
        ([
          key,
          title,
        ]) => html`<a href=${address("catalogue", [key])} aria-current=${key === inside ? "true" : nothing}
          >${title}${key === "changes" && count ? html` <span class="tag unsure">${count}处未生效</span>` : ""}</a
        >`,
      )}
    </nav>
    ${
      edited.held()
        ? html`<p class="hint">
          ${number ? `现行目录：第${number}版。` : number === 0 ? "现行目录：启动时给的目录文件夹，还没有改过。" : "现行目录：模型自带的，还没有改过。"}
          ${count ? "您的修改还没有生效，只存在这个浏览器里。" : ""}
        </p>`
        : ""
    }`;
}
