/** The suggestions behind a number, in a window over the page: focus stays in it and comes back when it is closed. */
import { get } from "../api.js";
import { STATES } from "../formats.js";
import { html, render } from "../html.js";
import { sayProblem } from "../messages.js";
import { address } from "../router.js";
import { tableTemplate } from "./table.js";

const HEADER = ["编号", "标题", "来源", "日期", "主办单位", "状态"];
const MOST = 500;

/**
 * Show a table in a window. @param {string} title @param {import("./table.js").Table} table
 */
export function showTable(title, table) {
  const dialog = document.createElement("dialog");
  dialog.className = "question rows-window";
  dialog.setAttribute("aria-labelledby", "rows-window-title");
  const close = () => {
    removeEventListener("hashchange", close);
    dialog.close();
    dialog.remove();
  };
  const draw = () =>
    render(
      html`<h2 id="rows-window-title">${title}</h2>
        <div class="question-text">${tableTemplate({ ...table, name: `window.${title}`, draw, empty: "没有可以列出的建议。" })}</div>
        <p class="actions"><button type="button" class="button primary" autofocus @click=${close}>关闭</button></p>`,
      dialog,
    );
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  addEventListener("hashchange", close);
  draw();
  document.body.append(dialog);
  dialog.showModal();
}

/** Show suggestions by their ids, as the service knows them now. @param {string} title @param {string[]} ids */
export function showIds(title, ids) {
  return showFound(title, { id: ids.slice(0, MOST) }, ids.length);
}

/**
 * Show the suggestions that a filter chooses. @param {string} title @param {Record<string, any>} filter
 * @param {number} [expected] how many there should be
 */
export async function showFound(title, filter, expected = 0) {
  try {
    const { suggestions, next } = await get("/v1/suggestions", { query: { ...filter, limit: MOST } });
    const missing = expected - suggestions.length;
    const short = missing > 0 ? `共${expected}件，这里列出${suggestions.length}件。` : "";
    showTable(title, {
      title: `${title}（${suggestions.length}件）`,
      header: HEADER,
      forms: ["text", "text", "text", "day", "text", "text"],
      rows: suggestions.map(row),
      links: suggestions.map((/** @type {any} */ one) => [address("one", [one.id])]),
      note: next ? `只列出前${MOST}件。` : short,
    });
  } catch (error) {
    sayProblem(error);
  }
}

/** @param {any} one @returns {import("./table.js").Cell[]} */
function row({ id, title, source, date, lead, state, confidential }) {
  const words = STATES[/** @type {keyof typeof STATES} */ (state)] ?? state;
  return [id, title || (confidential ? "（不公开）" : "（无标题）"), source, date, lead.join("；"), words];
}
