/** Help, in one place: what each view does, the keys, what the words mean, what to do when something goes wrong. */
import { html, nothing } from "../../html.js";
import { keysOf, shortcutsNow } from "../../keys.js";
import { focusLater } from "../../parts/focus.js";
import { address, VIEWS } from "../../router.js";
import { may, me } from "../../session.js";
import { TROUBLE, VIEW_HELP, WORDS } from "./words.js";

const MORE = { keys: "通用的键", words: "这些词是什么意思", trouble: "出了问题怎么办", people: "问谁" };

/** @param {import("../../router.js").Page} page @returns {import("../../router.js").View} */
export function open(page) {
  let [wanted = ""] = page.parts;

  /** What was asked for comes into sight, and the keyboard goes on from there. */
  function show() {
    if (wanted) focusLater(`help-${wanted}`, { scroll: true });
  }

  show();
  return {
    template: () => html`<div class="help">
      <h1>帮助</h1>
      <nav aria-label="帮助的内容">
        <ul class="help-toc">
          ${[...views().map((name) => [name, VIEWS[name].title]), ...Object.entries(MORE)].map(
            ([name, title]) =>
              html`<li><a href=${address("help", [name])} aria-current=${name === wanted ? "true" : nothing}>${title}</a></li>`,
          )}
        </ul>
      </nav>
      ${views().map((name) => viewTemplate(name, wanted))} ${sectionTemplate("keys", wanted, keysTemplate())} ${sectionTemplate("words", wanted, pairs(WORDS))}
      ${sectionTemplate("trouble", wanted, pairs(TROUBLE))} ${sectionTemplate("people", wanted, peopleTemplate())}
    </div>`,
    moved(next) {
      [wanted = ""] = next.parts;
      show();
      return true;
    },
  };
}

/** The views that this key may use, without the help. */
function views() {
  const known = me();
  return /** @type {(keyof typeof VIEW_HELP & import("../../router.js").Name)[]} */ (
    Object.keys(VIEWS)
  ).filter((name) => {
    const { right, memory } = VIEWS[name];
    return name in VIEW_HELP && (!right || may(right)) && (!memory || known?.memory);
  });
}

/** @param {import("../../router.js").Name} name @param {string} wanted */
function viewTemplate(name, wanted) {
  const { what, steps, keys } = VIEW_HELP[name];
  const rows = [
    ...new Map([
      ...keys,
      ...keysOf(name).map(({ key, label }) => /** @type {[string, string]} */ ([key, label])),
    ]).entries(),
  ];
  return html`<section id="help-${name}" class="card ${name === wanted ? "here" : ""}" tabindex="-1">
    <h2>${VIEWS[name].title}</h2>
    <p>${what}</p>
    <ol>
      ${steps.map((step) => html`<li>${step}</li>`)}
    </ol>
    ${rows.length ? keyTable(`“${VIEWS[name].title}”里的键`, rows) : ""}
    <p class="no-print"><a href=${address(name)}>去“${VIEWS[name].title}”</a></p>
  </section>`;
}

/** @param {keyof typeof MORE} name @param {string} wanted @param {any} content */
function sectionTemplate(name, wanted, content) {
  return html`<section id="help-${name}" class="card ${name === wanted ? "here" : ""}" tabindex="-1">
    <h2>${MORE[name]}</h2>
    ${content}
  </section>`;
}

function keysTemplate() {
  return html`${keyTable("在哪里都能用的键", [
    ...shortcutsNow().map(({ key, label }) => /** @type {[string, string]} */ ([key, label])),
    ["Tab", "到下一处；Shift+Tab 到上一处"],
    ["Esc", "关掉弹出的候选或问话"],
  ])}
    <p class="hint">按键都是功能键，或带 Ctrl、Alt 的，打字时也能用。笔记本电脑上 F 键不灵的，同时按住 Fn。</p>`;
}

/** @param {string} caption @param {[string, string][]} rows */
function keyTable(caption, rows) {
  return html`<table>
    <caption>
      ${caption}
    </caption>
    <thead>
      <tr>
        <th scope="col">键</th>
        <th scope="col">做什么</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ([key, label]) =>
          html`<tr>
            <th scope="row"><kbd>${key.replace("Ctrl+z", "Ctrl+Z")}</kbd></th>
            <td>${label}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** @param {[string, string][]} rows */
function pairs(rows) {
  return html`<dl>${rows.map(([term, told]) => html`<dt><strong>${term}</strong></dt><dd>${told}</dd>`)}</dl>`;
}

function peopleTemplate() {
  return html`<p>钥匙、权限、服务停了、单位和职责、换模型：找本单位的管理员（给您钥匙的人）。</p>
    <p>这件该谁办：它只给建议，定的是您。拿不准的，照老规矩问有关单位和领导。</p>
    <p>找管理员时，请说：什么时候、在哪一页、屏幕上那句话怎么写的。不用发建议的原文。</p>`;
}
