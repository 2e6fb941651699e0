/** Handing in a batch: a file is chosen, its columns are confirmed; earlier batches are found again. */
import { call, get, Problem, patiently } from "../../api.js";
import { draft, keepDraft } from "../../drafts.js";
import { moment, number } from "../../formats.js";
import { html, live } from "../../html.js";
import { ended, placed, startJob } from "../../jobs.js";
import { sayProblem } from "../../messages.js";
import { tableTemplate } from "../../parts/table.js";
import { address, go } from "../../router.js";

/** @typedef {import("../../jobs.js").Job} Job */
/** @typedef {{header: string, field: string | null, likely: string | null, examples: string[]}} Column */
/**
 * @typedef {{name: string, rows: number, header_line: number, sheet: string, other_sheets: string[], columns: Column[],
 *   missing: string[], problems: {pointer: string, detail: string, detail_zh?: string}[],
 *   fields: {field: string, header_zh: string, needed: boolean, several: boolean}[]}} Preview
 */
/** @typedef {Job & {rows?: number, open?: number}} Batch */

const COLUMNS = "batch.columns";
const REMEMBERED = 200;
/** What is worth having beside the title. */
const WELCOME = new Set(["id", "title", "text", "source", "session", "date", "proposers"]);
const LISTED = 50;
const COUNTED = 12;

/** Choosing a file and confirming its columns; earlier batches. @param {() => void} draw */
export function newBatch(draw) {
  /** @type {File | null} */
  let file = null;
  /** @type {Preview | null} */
  let preview = null;
  /** @type {Map<string, string>} what each column is, "" for nothing */
  let fields = new Map();
  /** @type {Map<string, string>} what the headers themselves say */
  let asSeen = new Map();
  /** @type {Map<string, string>} what they may well mean */
  let guessed = new Map();
  /** @type {AbortController | null} */
  let asking = null;
  let busy = "";
  let over = false;
  /** @type {Problem | null} */
  let problem = null;
  /** @type {Batch[] | null} */
  let batches = null;
  const left = new AbortController();

  void lookBack();

  /** The batches of this key, and how many of each are still open. */
  async function lookBack() {
    try {
      const { jobs } = await patiently(() => get("/v1/jobs", { query: { limit: LISTED } }), left.signal);
      batches = jobs.filter((/** @type {Job} */ job) => job.kind === "triage" && job.name);
      draw();
      for (const batch of (batches ?? []).slice(0, COUNTED)) {
        const query = { batch: batch.id };
        const { total, states } = await patiently(() => get("/v1/statistics", { query }), left.signal);
        if (left.signal.aborted) return;
        batch.rows = total;
        batch.open = states.find((/** @type {any} */ state) => state.value === "open")?.count ?? 0;
        draw();
      }
    } catch (error) {
      if (left.signal.aborted) return;
      batches ??= [];
      sayProblem(error);
      draw();
    }
  }

  /** @param {File | undefined} given @param {string} [sheet] */
  async function take(given, sheet = "") {
    if (!given) return;
    file = given;
    preview = null;
    fields = new Map();
    await look(sheet);
    const first = /** @type {Preview | null} */ (preview);
    if (first) {
      guessed = new Map(first.columns.map(({ header, likely }) => [header, likely ?? ""]));
      asSeen = new Map(first.columns.map(({ header, field }) => [header, field ?? ""]));
      const before = draft(COLUMNS) ?? {};
      fields = new Map(
        first.columns.map(({ header, field, likely }) => [header, before[header] ?? field ?? likely ?? ""]),
      );
    }
    requestAnimationFrame(() => document.getElementById(preview ? "batch-check" : "batch-file")?.focus());
    if (Object.keys(said()).length) await look(sheet);
  }

  /** Ask what the file comes to, as its columns are understood now. @param {string} [sheet] */
  async function look(sheet = preview?.sheet ?? "") {
    asking?.abort();
    asking = new AbortController();
    problem = null;
    busy = "正在看这份表……";
    draw();
    const form = new FormData();
    form.set("file", /** @type {File} */ (file), file?.name);
    if (sheet) form.set("sheet", sheet);
    if (fields.size) form.set("columns", JSON.stringify(said()));
    try {
      preview = /** @type {Preview} */ (
        (await call("POST", "/v1/files", { form, signal: asking.signal })).data
      );
    } catch (error) {
      if (error instanceof DOMException) return; // asked again meanwhile
      if (!(error instanceof Problem)) throw error;
      problem = error;
    }
    busy = "";
    draw();
  }

  /** What the clerk, now or earlier, says otherwise than the headers do. @returns {Record<string, string | null>} */
  function said() {
    const other = (preview?.columns ?? []).filter(({ header }) => asSeen.get(header) !== fields.get(header));
    return Object.fromEntries(other.map(({ header }) => [header, fields.get(header) || null]));
  }

  /** @param {string} header @param {string} field */
  function setField(header, field) {
    const several = preview?.fields.find((one) => one.field === field)?.several;
    if (field && !several) for (const [other, taken] of fields) if (taken === field) fields.set(other, "");
    fields.set(header, field);
    keepDraft(
      COLUMNS,
      Object.fromEntries(
        Object.entries({ ...draft(COLUMNS), ...Object.fromEntries(fields) }).slice(-REMEMBERED),
      ),
    );
    void look();
  }

  async function start() {
    if (!file || !preview || busy || preview.missing.length) return;
    const columns = said();
    busy = "正在上传……";
    draw();
    try {
      const options = { store: true, ...(Object.keys(columns).length ? { columns } : {}) };
      if (preview.other_sheets.length) Object.assign(options, { sheet: preview.sheet });
      const job = await startJob({ kind: "triage", options, file });
      go("batch", [job.id]);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problem = error;
    }
    busy = "";
    draw();
  }

  /** @param {Preview} seen */
  function checkTemplate(seen) {
    const { name, rows, header_line, sheet, other_sheets, columns, problems, fields: known, missing } = seen;
    const used = new Set(fields.values());
    const lacking = known.filter(({ field }) => !used.has(field) && WELCOME.has(field));
    return html`<section class="card" aria-labelledby="batch-check">
      <h2 id="batch-check" tabindex="-1">核对栏目：${name}</h2>
      <p>共${number(rows)}行${header_line > 1 ? `，第${header_line}行是表头` : ""}。下面是认出的栏目，不对的请改。</p>
      ${
        other_sheets.length
          ? html`<label>工作表 <select @change=${(/** @type {any} */ event) => void take(file ?? undefined, event.target.value)}>
              ${[sheet, ...other_sheets].map((one) => html`<option value=${one}>${one}</option>`)}
            </select></label>`
          : ""
      }
      <div class="scroll" tabindex="0" role="region" aria-label="栏目">
        <table class="batch-columns">
          <caption class="visually-hidden">表里的栏目和它们的用处</caption>
          <thead><tr><th scope="col">表里的栏目</th><th scope="col">当作</th><th scope="col">前几行是</th></tr></thead>
          <tbody>${columns.map((column) => columnTemplate(column, known))}</tbody>
        </table>
      </div>
      ${lacking.length ? html`<p class="hint">没有这些栏目：${lacking.map(({ header_zh }) => header_zh).join("、")}。没有也可以分析。</p>` : ""}
      ${problems.length ? findingsTemplate(missing.length ? "还不能开始：" : `表里有${problems.length}处读不了，请改好再放进来：`, problems) : ""}
      <p class="actions">
        <button type="button" class="button primary" ?disabled=${Boolean(busy || problems.length || !rows)} @click=${() => void start()}>开始分析这${number(rows)}行 <kbd>F2</kbd></button>
        <label class="button" for="batch-file">换一份表</label>
      </p>
    </section>`;
  }

  /** @param {Column} column @param {Preview["fields"]} known */
  function columnTemplate({ header, examples }, known) {
    const now = fields.get(header) ?? "";
    return html`<tr>
      <th scope="row">${header || "（没有表头）"}</th>
      <td>
        <select aria-label="“${header}”当作" @change=${(/** @type {any} */ event) => setField(header, event.target.value)}>
          <option value="" .selected=${live(!now)}>不用这一栏</option>
          ${known.map(({ field, header_zh }) => html`<option value=${field} .selected=${live(now === field)}>${header_zh}</option>`)}
        </select>
        ${now && guessed.get(header) === now ? html`<small>猜的，请核对</small>` : ""}
      </td>
      <td>${examples.map((example) => html`<span class="batch-example">${example}</span>`)}</td>
    </tr>`;
  }

  /** @param {DragEvent} event @param {boolean} on */
  function dragged(event, on) {
    event.preventDefault();
    if (over === on) return;
    over = on;
    draw();
  }

  function dropTemplate() {
    return html`<label
      class="batch-drop ${over ? "over" : ""}"
      for="batch-file"
      @dragover=${(/** @type {DragEvent} */ event) => dragged(event, true)}
      @dragleave=${(/** @type {DragEvent} */ event) => dragged(event, false)}
      @drop=${(/** @type {DragEvent} */ event) => {
        dragged(event, false);
        void take(event.dataTransfer?.files[0]);
      }}
      ><strong>把建议的 Excel 或 CSV 表拖到这里，或点这里选择</strong><br /><small>一行一件，有标题或正文就行；编号、来源、届次、日期、提出人有就带上。</small
      ><input id="batch-file" class="visually-hidden" type="file" accept=".xlsx,.csv,.jsonl" @change=${(
        /** @type {any} */ event,
      ) => {
        void take(event.target.files[0]);
        event.target.value = "";
      }}
    /></label>`;
  }

  function earlierTemplate() {
    if (!batches) return html`<p class="hint">正在取以前的批次……</p>`;
    const title = "以前的批次";
    if (!batches.length) return html`<p class="empty">还没有导入过。导入一份表以后，可以从这里再打开它。</p>`;
    const rows = batches.map((batch) => [
      moment(batch.created_at),
      batch.name,
      batch.rows ?? batch.total,
      stateOf(batch),
    ]);
    return tableTemplate({
      title,
      header: ["时间", "文件", "件数", "进展"],
      rows,
      forms: ["text", "text", "count", "text"],
      links: batches.map((batch) => [null, address("batch", [batch.id]), null, null]),
      excel: false,
    });
  }

  return {
    template: () => html`<h1>一批建议</h1>
      ${dropTemplate()}
      <p role="status">${busy}</p>
      ${problem ? findingsTemplate(problem.message, problem.errors) : ""}
      ${preview ? checkTemplate(preview) : ""} ${earlierTemplate()}`,
    shortcuts: () => [{ key: "F2", label: "开始分析", run: () => void start() }],
    moved: () => {},
    close: () => left.abort(),
  };
}

/** @param {string} words @param {{pointer?: string, detail: string, detail_zh?: string}[]} findings */
function findingsTemplate(words, findings) {
  const lines = findings.map((one) => html`<li>${placed(one)}</li>`);
  return html`<div class="trouble" role="alert"><p>${words}</p>${lines.length ? html`<ul>${lines}</ul>` : ""}</div>`;
}

/** @param {Batch} batch */
function stateOf(batch) {
  if (!ended(batch))
    return batch.total ? `正在处理，${Math.floor((batch.done / batch.total) * 100)}%` : "正在处理";
  if (batch.state === "failed") return "没有办成";
  if (batch.open === undefined) return batch.state === "cancelled" ? "已取消" : "已完成";
  if (!batch.rows) return "没有存下的";
  return batch.open ? `还有${number(batch.open)}件待交办` : "都交办了";
}
