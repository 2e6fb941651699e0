/** What the draft changes, what that would do, and putting it into force with a reason. */
import { post } from "../../api.js";
import { ask } from "../../dialog.js";
import { moment, number } from "../../formats.js";
import { html } from "../../html.js";
import { done, say } from "../../messages.js";
import { focusLater } from "../../parts/focus.js";
import { address } from "../../router.js";
import { cell, readTable, records, several } from "./csv.js";
import { FILES, KEYS } from "./draft.js";
import { labelOf } from "./tables.js";
import { unitLabel } from "./unit.js";
import { namesOf } from "./units.js";

/** @param {import("./draft.js").Edited} edited @param {() => void} draw @returns {import("./view.js").Part} */
export function changesPart(edited, draw) {
  /** @type {any} */
  let seen = null;
  /** The files that were looked at: what is edited later must be looked at anew. */
  let seenFiles = "";
  /** @type {import("../../api.js").Problem | null} */
  let refused = null;
  let busy = "";

  const filesNow = () => JSON.stringify(edited.files());

  async function look() {
    busy = "look";
    refused = null;
    draw();
    try {
      const files = edited.files();
      seen = await post("/v1/catalogue/preview", { files });
      seenFiles = JSON.stringify(files);
    } catch (error) {
      refused = /** @type {any} */ (error);
      seen = null;
    }
    busy = "";
    draw();
    focusLater("admin-preview");
  }

  async function enforce() {
    const reason = edited.mine()?.reason.trim() ?? "";
    if (!reason) {
      document.getElementById("admin-reason")?.focus();
      return say("请写明为什么改，它会和这一版一起留存。", { tone: "note" });
    }
    const sure = await ask({
      title: "让修改生效",
      text: html`<p>马上对收件检查、属地、报告和单位名称生效。已经交办的不会改动。</p>
        <p>原因：${reason}</p>`,
      yes: "生效",
    });
    if (!sure) return;
    busy = "enforce";
    refused = null;
    draw();
    try {
      const { number: version, back } = await edited.putIntoForce(reason);
      seen = null;
      done(`目录第${version}版已生效`, back);
    } catch (error) {
      refused = /** @type {any} */ (error);
      if (refused?.code === "changed") await edited.load();
    }
    busy = "";
    draw();
  }

  async function rebase() {
    const both = edited.rebase();
    refused = null;
    seen = null;
    if (both.length) say(`两边都改过的，用了您的：${both.join("、")}。请看一遍。`, { tone: "wrong" });
    else say("您的修改已放到新的一版上，请再预览。");
    draw();
  }

  const discard = () => done("已放弃全部修改", edited.discard());

  function template() {
    const changes = edited.changes();
    if (!changes.length && !edited.stale())
      return html`<p class="empty">没有未生效的修改。到“单位”里点开一个单位就能改。</p>`;
    const fresh = seen && seenFiles === filesNow();
    return html`${edited.stale() ? staleTemplate(edited, refused?.current, rebase) : ""}
      <section class="card">
        <h2>改了什么</h2>
        ${changes.map((change) => fileTemplate(edited, change))}
        <p class="actions">
          <button type="button" class="button ${fresh ? "" : "primary"}" ?disabled=${Boolean(busy) || edited.stale()} @click=${look}>
            ${busy === "look" ? "正在预览……" : "预览：会有什么影响"} <kbd>F2</kbd>
          </button>
          <button type="button" class="button" ?disabled=${Boolean(busy)} @click=${discard}>放弃全部修改</button>
        </p>
      </section>
      ${refused ? refusedTemplate(edited, refused) : ""} ${fresh ? previewTemplate(edited, seen) : ""}
      ${seen && !fresh ? html`<p class="hint">预览以后又改过，请再预览一次。</p>` : ""}
      ${
        fresh
          ? html`<section class="card">
            <h2>生效</h2>
            <label class="field"
              >为什么改<textarea
                id="admin-reason"
                rows="2"
                maxlength="2000"
                placeholder="如：机构改革，住建、城管合并"
                .value=${edited.mine()?.reason ?? ""}
                @input=${(/** @type {any} */ event) => edited.setReason(event.target.value)}
              ></textarea>
            </label>
            <p class="actions">
              <button type="button" class="button primary" ?disabled=${Boolean(busy)} @click=${enforce}>${busy === "enforce" ? "正在生效……" : "生效"} <kbd>F2</kbd></button>
            </p>
          </section>`
          : ""
      }`;
  }

  return {
    template,
    get shortcuts() {
      const fresh = seen && seenFiles === filesNow();
      return [
        {
          key: "F2",
          label: fresh ? "生效" : "预览",
          run: () => void (busy || !edited.mine() ? undefined : fresh ? enforce() : look()),
        },
      ];
    },
  };
}

/** What a file's change is. @param {import("./draft.js").Edited} edited @param {{name: string, rows: any}} change */
function fileTemplate(edited, { name, rows }) {
  const title = FILES[/** @type {keyof typeof FILES} */ (name)] ?? name;
  if (!rows)
    return html`<p><a href=${address("catalogue", ["file", name])}>${title}（${name}）</a>：文件有改动。</p>`;
  const here = (/** @type {string} */ key) =>
    address("catalogue", name === "units.csv" ? ["unit", key] : ["row", name, key]);
  const now = edited.table(name);
  const before = edited.before(name);
  const called = (/** @type {string} */ key) => nameIn(now, name, key) || nameIn(before, name, key) || key;
  return html`<h3>${title}</h3>
    <ul class="admin-changes">
      ${rows.added.map((/** @type {string} */ key) => html`<li>新增 <a href=${here(key)}>${called(key)}</a></li>`)}
      ${rows.removed.map((/** @type {string} */ key) => html`<li>删去 ${called(key)}</li>`)}
      ${rows.changed.map(
        (/** @type {any} */ one) => html`<li>
          <a href=${here(one.key)}>${called(one.key)}</a>
          ${one.cells.map(
            (/** @type {any} */ part) => html`<div>
              ${name === "units.csv" ? unitLabel(part.column) : labelOf(edited, name, part.column)}：${cellChange(edited, name, part)}
            </div>`,
          )}
        </li>`,
      )}
      ${rows.added.length + rows.removed.length + rows.changed.length ? "" : html`<li>只改了写法或次序。</li>`}
    </ul>`;
}

/** @param {import("./csv.js").Table} table @param {string} file @param {string} key */
function nameIn(table, file, key) {
  const column = KEYS[/** @type {keyof typeof KEYS} */ (file)];
  const row = records(table).find((other) => cell(table, other, column) === key);
  return row ? cell(table, row, "name") : "";
}

/** @param {import("./draft.js").Edited} edited @param {string} file @param {{column: string, before: string, after: string}} part */
function cellChange(edited, file, { column, before, after }) {
  const codes =
    column === "succeeded_by" ||
    column === "units" ||
    column === "served_by" ||
    (column === "parent" && file === "units.csv");
  const names = codes ? namesOf(edited, "units.csv") : null;
  const read = (/** @type {string} */ value) => several(value).map((one) => names?.get(one) ?? one);
  const [old, now] = [read(before), read(after)];
  if (old.length > 1 || now.length > 1) {
    const [more, less] = [now.filter((one) => !old.includes(one)), old.filter((one) => !now.includes(one))];
    if (!more.length && !less.length) return "次序变了";
    return html`${more.length ? html`<ins>加上 ${more.join("；")}</ins>` : ""} ${less.length ? html`<del>去掉 ${less.join("；")}</del>` : ""}`;
  }
  return html`${old.length ? html`<del>${old[0]}</del>` : "（空）"} → ${now.length ? html`<ins>${now[0]}</ins>` : "（空）"}`;
}

/** @param {import("./draft.js").Edited} edited @param {any} current @param {() => void} rebase */
function staleTemplate(edited, current, rebase) {
  return html`<div class="card admin-stale" role="alert">
    <p>
      <strong>您改的时候，目录已经变成第${edited.held()?.number ?? 0}版。</strong>
      ${current?.at ? `${moment(current.at)}生效，原因：${current.reason}。` : ""}
      <a href=${address("catalogue", ["history"])}>看对方改了什么</a>
    </p>
    <p class="actions">
      <button type="button" class="button primary" @click=${rebase}>把我的修改放到新的一版上</button>
    </p>
  </div>`;
}

/** @param {import("./draft.js").Edited} edited @param {import("../../api.js").Problem} problem */
function refusedTemplate(edited, problem) {
  return html`<section class="card" role="alert">
    <h2 id="admin-preview" tabindex="-1">${problem.code === "catalogue-refused" ? "有错，没有生效" : "没有办成"}</h2>
    <p class="trouble">${problem.message}</p>
    ${
      problem.errors.length
        ? html`<ul>
          ${problem.errors.map((one) => {
            const [, file, line] = /^([a-z]+\.[a-z]+):(\d+):/.exec(one.detail) ?? [];
            return file
              ? findingTemplate(edited, {
                  file,
                  line: Number(line),
                  message:
                    one.detail_zh?.replace(/^\S+第\d+行：/, "") || one.detail.replace(/^\S+?:\d+: /, ""),
                })
              : html`<li>${one.detail_zh || one.detail}</li>`;
          })}
        </ul>`
        : ""
    }
  </section>`;
}

/** @param {import("./draft.js").Edited} edited @param {{file: string, line: number, message: string, message_zh?: string}} finding */
function findingTemplate(edited, { file, line, message, message_zh: chinese }) {
  const key = KEYS[/** @type {keyof typeof KEYS} */ (file)];
  const table = key ? readTable(edited.text(file) ?? "", edited.held()?.columns[file] ?? {}) : null;
  const row = table && records(table).find((one) => one.line === line);
  const id = table && row ? cell(table, row, key) : "";
  const where = id && file === "units.csv" ? ["unit", id] : id ? ["row", file, id] : ["file", file];
  return html`<li>
    <a href=${address("catalogue", where)}>${FILES[/** @type {keyof typeof FILES} */ (file)] ?? file}第${line}行${table && row ? `（${cell(table, row, "name") || id}）` : ""}</a>：${chinese || message}
  </li>`;
}

/** What a preview found. @param {import("./draft.js").Edited} edited @param {any} seen */
function previewTemplate(edited, seen) {
  const { difference, units, rules, findings, notices } = seen;
  const passed = (/** @type {any[]} */ many) =>
    many.map((one) => `${one.unit}→${one.today.join("、") || "无人承接"}`);
  const facts = [
    ["新增单位", difference.added],
    ["改名", passed(difference.renamed)],
    ["并入其他单位", passed(difference.merged)],
    ["撤销，没有承接单位", difference.abolished],
    ["职责、别名等有变", difference.changed],
    ...[
      ["类别", difference.topics],
      ["区域", difference.areas],
      ["规矩", difference.rules],
    ].flatMap(([title, entries]) => [
      [`新增${title}`, entries.added],
      [`删去${title}`, entries.removed],
      [`${title}有变`, entries.changed],
    ]),
    ["期限等设置", difference.settings ? ["有变"] : []],
  ].filter(([, names]) => names.length);
  return html`<section class="card">
    <h2 id="admin-preview" tabindex="-1">会有什么影响</h2>
    ${
      facts.length
        ? html`<dl class="admin-facts">${facts.map(([title, names]) => html`<dt>${title}</dt><dd>${names.join("；")}</dd>`)}</dl>`
        : html`<p>单位、类别、规矩和设置读出来都和现在一样。</p>`
    }
    <h3>对没有办结的建议</h3>
    <p>
      没有办结的共${number(seen.open)}件，看了最近的${number(seen.looked_at)}件：
      ${units.suggestions ? `其中${number(units.suggestions)}件的单位会换叫法或没有了。` : "没有一件的单位因此换叫法。"}
    </p>
    ${
      units.by_unit.length
        ? html`<ul>
          ${units.by_unit.map((/** @type {any} */ one) => html`<li>${one.unit}→${one.today.join("、") || "没有承接单位"}：${number(one.suggestions)}处</li>`)}
        </ul>`
        : ""
    }
    ${
      units.listed.length
        ? html`<details>
          <summary>是哪几件</summary>
          <p>${units.listed.map((/** @type {any} */ one) => html`<a href=${address("one", [one.id])}>${one.id}</a> `)}</p>
        </details>`
        : ""
    }
    ${[
      ["规矩新碰到", rules.newly],
      ["规矩不再碰到", rules.no_longer],
    ].map(([title, counts]) =>
      Object.keys(counts).length
        ? html`<p>${title}：${Object.entries(counts)
            .map(([rule, count]) => `${rule}（${count}件）`)
            .join("、")}</p>`
        : "",
    )}
    ${
      rules.listed.length
        ? html`<details>
          <summary>是哪几件</summary>
          <p>${rules.listed.map((/** @type {any} */ one) => html`<a href=${address("one", [one.id])}>${one.id}</a> `)}</p>
        </details>`
        : ""
    }
    ${
      findings.length
        ? html`<h3>请留意</h3>
          <ul>
            ${findings.map((/** @type {any} */ one) => findingTemplate(edited, one))}
          </ul>`
        : ""
    }
    ${notices.length ? html`<h3>模型还不知道的</h3>${notices.map((/** @type {string} */ one) => html`<p>${one}</p>`)}` : ""}
  </section>`;
}
