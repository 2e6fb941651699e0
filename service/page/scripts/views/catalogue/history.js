/** The versions that were put into force: who, when, why, what each changed, and the way back to one. */
import { get } from "../../api.js";
import { calledOf, learnCallers } from "../../callers.js";
import { moment } from "../../formats.js";
import { html } from "../../html.js";
import { say, sayProblem } from "../../messages.js";
import { address, go } from "../../router.js";
import { cell, differing, readTable, records } from "./csv.js";
import { FILES, KEYS } from "./draft.js";
import { labelOf, save } from "./tables.js";

/** @param {import("./draft.js").Edited} edited @param {string} opened number of a version to be looked at @param {() => void} draw @returns {import("./view.js").Part} */
export function historyPart(edited, opened, draw) {
  /** @type {any[] | null} */
  let versions = null;
  /** @type {any[] | null} */
  let difference = null;
  /** @type {Record<string, string>} */
  let files = {};

  void start();

  async function start() {
    try {
      [versions] = await Promise.all([
        get("/v1/catalogue/versions").then((told) => told.versions),
        learnCallers(),
      ]);
      if (opened) {
        files = await filesOf(Number(opened));
        difference = differences(edited, await filesOf(Number(opened) - 1), files);
      }
    } catch (error) {
      versions ??= [];
      sayProblem(error);
    }
    draw();
  }

  /** @param {number} version */
  async function back(version) {
    try {
      const older = await filesOf(version);
      if (edited.count() && edited.mine())
        return say("您还有没生效的修改。请先生效或放弃，再恢复旧版。", { tone: "wrong" });
      edited.replace(older, version ? `恢复到第${version}版` : "恢复到启动时的目录");
      if (!edited.mine()) return say("现行的就是这一版的内容。", { tone: "note" });
      go("catalogue", ["changes"]);
    } catch (error) {
      sayProblem(error);
    }
  }

  /** @param {any} version */
  function versionTemplate(version) {
    const open = String(version.number) === opened;
    return html`<tr>
        <th scope="row">第${version.number}版${version.number === edited.held()?.number ? html` <span class="tag sure">现行</span>` : ""}</th>
        <td>${moment(version.at)}</td>
        <td>${calledOf(version.actor)}</td>
        <td>${version.reason}</td>
        <td class="no-print">
          <a class="button" href=${address("catalogue", open ? ["history"] : ["history", String(version.number)])} aria-expanded=${open}>${open ? "收起" : "改了什么"}</a>
          ${version.number === edited.held()?.number ? "" : html`<button type="button" class="button" @click=${() => back(version.number)}>恢复到这一版</button>`}
        </td>
      </tr>
      ${open && difference ? html`<tr><td colspan="5">${difference.map(changeTemplate)} ${downloads(files)}</td></tr>` : ""}`;
  }

  /** @param {any} change */
  function changeTemplate({ name, rows, before, after, whole }) {
    const title = FILES[/** @type {keyof typeof FILES} */ (name)] ?? name;
    if (!rows) return html`<p>${title}（${name}）：${whole}</p>`;
    const called = (/** @type {string} */ key) =>
      nameOf(after, name, key) || nameOf(before, name, key) || key;
    return html`<p><strong>${title}</strong></p>
      <ul>
        ${rows.added.length ? html`<li>新增：${rows.added.map(called).join("、")}</li>` : ""}
        ${rows.removed.length ? html`<li>删去：${rows.removed.map(called).join("、")}</li>` : ""}
        ${rows.changed.map(
          (/** @type {any} */ one) =>
            html`<li>
              ${called(one.key)}：${one.cells.map(
                (/** @type {any} */ part) =>
                  html`<div>${labelOf(edited, name, part.column)}：<del>${part.before || "（空）"}</del> → <ins>${part.after || "（空）"}</ins></div>`,
              )}
            </li>`,
        )}
      </ul>`;
  }

  return {
    template() {
      if (!versions) return html`<p class="starting">正在读取……</p>`;
      return html`${
        versions.length
          ? html`<div class="scroll" tabindex="0" role="region" aria-label="历次版本">
              <table>
                <caption>
                  历次版本，最新的在前
                </caption>
                <thead>
                  <tr>
                    <th scope="col">版本</th>
                    <th scope="col">什么时候</th>
                    <th scope="col">谁（钥匙编号）</th>
                    <th scope="col">为什么</th>
                    <th scope="col" class="no-print">查看、恢复</th>
                  </tr>
                </thead>
                <tbody>
                  ${versions.map(versionTemplate)}
                </tbody>
              </table>
            </div>`
          : html`<p class="empty">还没有改过：现行的是启动服务时的目录。以后每生效一次，这里多一行。</p>`
      }
        ${versions.length ? html`<p class="actions"><button type="button" class="button" @click=${() => back(0)}>恢复到启动时的目录</button></p>` : ""}
        <p class="hint">恢复旧版也要先预览、再生效，并成为新的一版；中间的各版都留着。</p>`;
    },
  };
}

/** @param {number} version 0: what the service was started with @returns {Promise<Record<string, string>>} */
async function filesOf(version) {
  if (version > 0) return (await get(`/v1/catalogue/versions/${version}`)).files;
  return (await get("/v1/catalogue/files", { query: { start: true } })).files;
}

/** @param {import("./draft.js").Edited} edited @param {Record<string, string>} before @param {Record<string, string>} after */
function differences(edited, before, after) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => before[name] !== after[name],
  );
  return names.map((name) => {
    const key = KEYS[/** @type {keyof typeof KEYS} */ (name)];
    const whole = !(name in before) ? "新加的文件" : !(name in after) ? "去掉了这个文件" : "有改动";
    if (!key) return { name, rows: null, whole };
    const known = edited.held()?.columns[name] ?? {};
    const [old, now] = [readTable(before[name] ?? "", known), readTable(after[name] ?? "", known)];
    return { name, rows: differing(old, now, key), before: old, after: now, whole };
  });
}

/** @param {import("./csv.js").Table} table @param {string} file @param {string} key */
function nameOf(table, file, key) {
  const column = KEYS[/** @type {keyof typeof KEYS} */ (file)];
  const row = records(table).find((one) => cell(table, one, column) === key);
  return row ? cell(table, row, "name") : "";
}

/** @param {Record<string, string>} files */
function downloads(files) {
  return html`<p class="no-print">
    这一版的文件：${Object.entries(files).map(([name, text]) => html`<button type="button" class="link" @click=${() => save(name, text)}>${name}</button>`)}
  </p>`;
}
