/** Deciding about the rows that are chosen: the advice as it is, the same units for all, or none any more. */
import { ask } from "../../dialog.js";
import { listed, number } from "../../formats.js";
import { html } from "../../html.js";
import { say, sayProblem } from "../../messages.js";
import { focusLater } from "../../parts/focus.js";
import { unitPicker } from "../../parts/unit-picker.js";
import { address } from "../../router.js";
import { may } from "../../session.js";
import { asAdvised, asWanted, decideAll } from "./decide.js";

const MOST = 20;

/** @typedef {import("./rows.js").Row} Row */
/** @typedef {{open: boolean, lead: string[], co: string[], reason: string}} Wanted half-typed: what all are to get */

/**
 * @param {object} options
 * @param {Partial<Wanted> | undefined} options.kept what was half typed at the last visit
 * @param {any} options.store
 * @param {() => Row[]} options.meant the rows that are to be decided
 * @param {() => number} options.chosen how many of them the clerk chose
 * @param {(ids: string[]) => void} options.choose
 * @param {() => void} options.next goes to the next row that is open
 * @param {() => void} options.toRows puts the keyboard back into the rows
 * @param {() => void} options.decided
 * @param {() => void} options.keep
 * @param {() => void} options.draw
 */
export function bulk({ kept, store, meant, chosen, choose, next, toRows, decided, keep, draw }) {
  /** @type {Wanted} */
  let wanted = { open: false, lead: [], co: [], reason: "", ...kept };
  let sending = 0;
  let sent = 0;
  /** @type {Map<string, import("./decide.js").Failure>} */
  let failed = new Map();
  const leadPicker = unitPicker({
    id: "list-lead",
    label: "主办单位",
    onChange: (lead) => want({ lead }),
    draw,
  });
  const coPicker = unitPicker({
    id: "list-co",
    label: "会办单位（没有就空着）",
    onChange: (co) => want({ co }),
    draw,
  });

  /** @param {Partial<typeof wanted>} changes */
  function want(changes) {
    wanted = { ...wanted, ...changes };
    keep();
    draw();
  }

  /** @param {import("./decide.js").Decision[]} decisions @param {string} label */
  async function decide(decisions, label) {
    sending = decisions.length;
    sent = 0;
    draw();
    failed = new Map();
    try {
      const progress = (/** @type {number} */ count) => {
        sent = count;
        draw();
      };
      const { failures } = await decideAll(decisions, { label, store, progress });
      failed = new Map(failures.map((failure) => [failure.id, failure]));
      choose([...failed.keys()]);
      if (failures.length) say(`${failures.length}件没有办成，还选着，原因列在上面。`, { tone: "wrong" });
      keep();
    } catch (error) {
      sayProblem(error);
    }
    sending = 0;
    decided();
    toRows();
  }

  /** One lot after the other: what a row shows must be known before it is decided anew. */
  function isBusy() {
    if (sending) say("刚才的还在提交，请等它提交完。", { tone: "note" });
    return sending > 0;
  }

  async function accept() {
    if (!may("decide") || isBusy()) return;
    const rows = meant();
    const open = rows.filter((row) => !row.lead.length || row.returned);
    const decisions = open.flatMap((row) => asAdvised(row) ?? []);
    if (!decisions.length)
      return say(open.length ? "所选的没有建议可以采纳，请用“交办给”。" : "没有选中待交办的建议。", {
        tone: "note",
      });
    if (rows.length > 1 && !(await ask(acceptQuestion(rows, open, decisions.length)))) return;
    await decide(decisions, "已采纳建议");
  }

  async function assign() {
    await Promise.all([leadPicker.settled(), coPicker.settled()]);
    if (isBusy()) return;
    const rest = leadPicker.rest() || coPicker.rest();
    if (rest) return say(`“${rest}”还不是单位，请从候选里选一个，或清掉。`, { tone: "wrong" });
    if (!wanted.lead.length) return leadPicker.focus();
    const rows = meant();
    const over = rows.filter((row) => row.lead.length).length;
    if (!rows.length) return say("请先选中建议。", { tone: "note" });
    const text = over ? `其中${over}件已经交办，将改成这样。` : "";
    const question = { title: `${number(rows.length)}件都交办给${listed(wanted.lead)}？`, text, yes: "交办" };
    if ((rows.length > 1 || over) && !(await ask(question))) return;
    await decide(
      rows.map((row) => asWanted(row, wanted)),
      "已交办",
    );
    if (!failed.size) want({ open: false, lead: [], co: [], reason: "" });
  }

  async function withdraw() {
    if (isBusy()) return;
    const rows = meant().filter((row) => row.lead.length);
    if (!rows.length) return say("所选的都还没有交办。", { tone: "note" });
    const reason = await ask({
      title: `撤回${number(rows.length)}件的交办？`,
      text: "撤回后回到待交办，经过都有记录。",
      yes: "撤回",
      words: { label: "原因（可以不写）" },
    });
    if (reason === null) return;
    const back = rows.map(({ id, decision }) => ({
      suggestion: id,
      expected: decision,
      withdraw: true,
      reason: String(reason),
    }));
    await decide(back, "已撤回交办");
  }

  function go() {
    void (wanted.open ? assign() : accept());
  }

  function openPanel() {
    if (!may("decide")) return;
    want({ open: true });
    requestAnimationFrame(() => leadPicker.focus());
  }

  function closePanel() {
    want({ open: false });
    toRows();
  }

  function forget() {
    failed = new Map();
    draw();
  }

  function writeReason() {
    openPanel();
    focusLater("list-reason");
  }

  return {
    /** Why a row was not decided; undefined where nothing failed. @param {string} id */
    failure: (id) => failed.get(id)?.words,

    /** What is half typed. */
    wanted: () => wanted,

    bar() {
      if (!may("decide")) return "";
      if (sending)
        return html`<p class="list-bar" role="status">正在提交，${number(sent)}／${number(sending)}件。</p>`;
      const count = chosen();
      return html`<p class="row list-bar no-print">
        <span role="status">${count ? `已选${number(count)}件` : "按空格选中，或直接处理光标所在的一件"}</span>
        <button type="button" class="button primary" @click=${() => void accept()}>采纳建议 ${wanted.open ? "" : html`<kbd>F2</kbd>`}</button>
        <button type="button" class="button" aria-expanded=${wanted.open} @click=${openPanel}>交办给… <kbd>F4</kbd></button>
        <button type="button" class="button" @click=${() => void withdraw()}>撤回交办</button>
        <button type="button" class="button" @click=${next}>下一件 <kbd>F8</kbd></button>
        ${count ? html`<button type="button" class="link" @click=${() => choose([])}>都不选</button>` : ""}
      </p>`;
    },

    failures() {
      if (!failed.size) return "";
      const some = [...failed.values()];
      return html`<section class="card list-failures" aria-label="没有办成的">
        <p><strong>${number(failed.size)}件没有办成，还选着</strong>
          <button type="button" class="link" @click=${forget}>知道了</button></p>
        <ul>${some.slice(0, MOST).map(({ id, title, words }) => html`<li><a href=${address("one", [id])}>${title || id}</a>：${words}</li>`)}</ul>
        ${some.length > MOST ? html`<p class="hint">还有${number(some.length - MOST)}件，原因写在各行。</p>` : ""}
      </section>`;
    },

    panel() {
      if (!wanted.open || !may("decide")) return "";
      return html`<section class="card list-panel no-print" aria-label="一起交办">
        <div class="columns">${leadPicker.template(wanted.lead)} ${coPicker.template(wanted.co)}</div>
        <label class="field"
          >理由（可以不写）<textarea id="list-reason" rows="2" maxlength="2000" .value=${wanted.reason} @input=${(/** @type {any} */ event) => want({ reason: event.target.value })}></textarea>
        </label>
        <p class="actions">
          <button type="button" class="button primary" @click=${() => void assign()}>交办${chosen() ? `这${number(chosen())}件` : "这一件"} <kbd>F2</kbd></button>
          <button type="button" class="button" @click=${closePanel}>关闭</button>
        </p>
      </section>`;
    },

    shortcuts: () => [
      ...["F2", "Ctrl+Enter"].map((key) => ({ key, label: "采纳所选的建议，或交办给写好的单位", run: go })),
      { key: "F4", label: "所选的交办给……", run: openPanel },
      { key: "F8", label: "下一件待交办", run: next },
      { key: "F9", label: "写理由", run: writeReason },
    ],
  };
}

/** What is accepted, before it is. @param {Row[]} rows @param {Row[]} open @param {number} count */
function acceptQuestion(rows, open, count) {
  const of = (/** @type {string} */ decision) =>
    open.filter((row) => row.advice?.decision === decision && row.advice.lead).length;
  const lines = [
    of("suggest") ? `${of("suggest")}件较有把握。` : "",
    of("choose") ? `${of("choose")}件请从五个中选的，按第一个交办。` : "",
    of("coordinate") ? `${of("coordinate")}件建议会商的，按第一个交办。` : "",
    open.length > count ? `${open.length - count}件没有建议，跳过。` : "",
    rows.length > open.length ? `${rows.length - open.length}件已经交办，不动。` : "",
  ].filter(Boolean);
  return {
    title: `采纳这${number(count)}件的建议？`,
    text: html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`,
    yes: "采纳",
  };
}
