/**
 * One suggestion: typed, pasted or dropped on a sheet (`#/one`), or a stored one (`#/one/<id>`); advice and why; decided
 * with one key.
 */
import { get } from "../../api.js";
import { onChanges } from "../../changes.js";
import { draft, keepDraft } from "../../drafts.js";
import { moment } from "../../formats.js";
import { done, say, sayProblem } from "../../messages.js";
import * as outbox from "../../outbox.js";
import { afterDrawing, focusLater } from "../../parts/focus.js";
import { unitPicker } from "../../parts/unit-picker.js";
import { go } from "../../router.js";
import { may, me } from "../../session.js";
import { compared } from "./alike.js";
import { adviser } from "./asking.js";
import { helpersOf, proposed, unchosen } from "./choice.js";
import { accept, next, recover } from "./handing.js";
import { keepSheet, keptSheet, takeOver } from "./left.js";
import { blank, isBlank, isEmpty, letterOf, suggestionOf } from "./sheet.js";
import { advise, follow, load } from "./stored.js";
import { focusReason, oneTemplate } from "./template.js";

/** @typedef {import("./sheet.js").Sheet} Sheet @typedef {import("./choice.js").Choice} Choice */
/** @typedef {import("../../parts/marks.js").Span} Span */

/** @param {import("../../router.js").Page} page @returns {import("../../router.js").View} */
export function open(page) {
  return new One(page);
}

/** The view. What stands on the page is in its fields; `template.js` draws them. */
export class One {
  /** The stored suggestion's id; "" for a sheet. */
  id = "";
  sheet = blank();
  /** What `GET /v1/suggestions/{id}` answered. @type {any} */
  kept = null;
  /** @type {import("./history.js").History | null} */
  history = null;
  /** Why the stored suggestion cannot be shown. */
  trouble = "";
  choice = unchosen();
  busy = false;
  closed = false;
  /** What somebody else decided meanwhile. @type {any} */
  conflict = null;
  /** What the clerk should know about what stands here. */
  told = "";
  /** @type {import("./alike.js").Comparison | null} */
  comparison = null;
  /** Kinds of marks that are switched off. @type {Record<string, boolean>} */
  marks = draft("one.marks") ?? {};
  /** @type {Span[]} */
  pointed = [];
  /** @type {Span[]} */
  pinned = [];
  /** @type {string[]} */
  topics = [];
  dropping = false;
  /** Whether letters are typed one after another, or stored suggestions are gone through. */
  typing = true;
  /** What was handed in from this sheet just now: after it comes a clean sheet. */
  handed = "";
  /** Stored suggestions that were looked at. @type {Set<string>} */
  passed = new Set();
  query = new URLSearchParams();
  loading = new AbortController();

  /** @param {import("../../router.js").Page} page */
  constructor(page) {
    const { draw } = page;
    this.draw = draw;
    this.advice = adviser(() => this.advised());
    const onEnter = () => void accept(this);
    const onLead = (/** @type {string[]} */ lead) => this.choose({ lead });
    const onHelpers = (/** @type {string[]} */ others) => this.choose({ co: [...this.#ticked(), ...others] });
    this.leadPicker = unitPicker({ id: "one-lead", label: "其他主办单位", onChange: onLead, draw, onEnter });
    this.coPicker = unitPicker({ id: "one-co", label: "其他会办单位", onChange: onHelpers, draw, onEnter });
    this.stops = [onChanges((changes) => void follow(this, changes)), outbox.watch(() => void recover(this))];
    this.moved(page);
    void recover(this);
    void this.takeOver();
  }

  /** @param {import("../../router.js").Page} page */
  moved({ parts, query }) {
    const id = parts[0] ?? "";
    this.query = query;
    if (id && id === this.id && this.kept) return true;
    this.clean();
    this.id = id;
    this.typing = !id || id === this.handed;
    document.title = `${id || "一件"} · 建议分办`;
    if (id) void load(this);
    else this.resume();
    return true;
  }

  close() {
    this.closed = true;
    this.advice.stop();
    this.loading.abort();
    for (const stop of this.stops) stop();
  }

  get shortcuts() {
    return [
      { key: "F2", label: "采纳，交办", run: () => void accept(this) },
      { key: "Ctrl+Enter", label: "采纳，交办", run: () => void accept(this) },
      { key: "F4", label: "改单位", run: () => this.leadPicker.focus() },
      { key: "F8", label: "下一件", run: () => void next(this) },
      { key: "F9", label: "写理由", run: focusReason },
    ];
  }

  template() {
    return oneTemplate(this);
  }

  /** Whether this key can hand in but not decide: it may not, or will not see a confidential one afterwards. */
  get registering() {
    return !may("decide") || (this.sheet.confidential && !me()?.confidential);
  }

  /** Nothing stands on the page. */
  clean() {
    this.advice.typed(null);
    this.loading.abort();
    this.loading = new AbortController();
    Object.assign(this, {
      kept: null,
      history: null,
      trouble: "",
      choice: unchosen(),
      busy: false,
      reasoning: false,
    });
    Object.assign(this, {
      conflict: null,
      told: "",
      comparison: null,
      pointed: [],
      pinned: [],
      sheet: blank(),
    });
  }

  /** A sheet that was left in a tab that is closed comes to a tab where nothing stands. */
  async takeOver() {
    const free = () => !this.closed && !this.id && !this.busy && isBlank(this.sheet);
    const moved = () => this.closed || this.id || isBlank(this.sheet) || this.keep();
    if (await takeOver(free, moved)) this.resume();
    this.draw();
  }

  /** The sheet as it was left. */
  resume() {
    const kept = keptSheet();
    if (kept) {
      this.sheet = { ...blank(), ...kept.sheet };
      this.choice = kept.choice ?? unchosen();
      this.told = `已恢复您${moment(kept.at)}写的内容，还没有交办。`;
      this.ask(true);
    }
    focusLater("one-title");
  }

  /** @param {Partial<Sheet>} news */
  change(news) {
    this.sheet = { ...this.sheet, ...news };
    Object.assign(this, { comparison: null, pointed: [], pinned: [], told: "" });
    this.keep();
    this.ask();
    this.draw();
  }

  ask(atOnce = false) {
    this.advice.typed(isEmpty(this.sheet) ? null : suggestionOf(this.sheet), { atOnce });
  }

  /** Write down what was typed and chosen. */
  keep() {
    const choice = this.choice.touched || this.choice.reason ? this.choice : null;
    if (this.id) return void keepDraft(`one.${this.id}`, choice);
    const whole = { sheet: this.sheet, choice, at: new Date().toISOString() };
    if (keepSheet(isBlank(this.sheet) ? null : whole)) return;
    this.told = "浏览器的存储满了或被关了：没有交办的内容，刷新后会丢。";
  }

  /** A sheet takes the place of the one that stands there; that one comes back on undo.
   * @param {Sheet} sheet @param {string} label */
  replace(sheet, label) {
    const { sheet: former, choice } = this;
    this.choice = unchosen();
    this.change(sheet);
    this.ask(true);
    if (isBlank(former)) return;
    done(label, async () => {
      if (this.id) return void keepSheet({ sheet: former, choice, at: new Date().toISOString() });
      this.choice = choice;
      this.change(former);
    });
  }

  /** @param {FileList | File[]} files */
  async take(files) {
    this.dropping = false;
    this.draw();
    const file = files[0];
    if (!file) return;
    if (/\.(xlsx|xls|csv|jsonl)$/i.test(file.name)) {
      const action = { label: "打开“一批”", run: () => go("batch") };
      return say("表格请放到“一批”里，那里一次处理整张表。", { tone: "note", action });
    }
    if (files.length > 1)
      say("一次读一份文件，这里读第一份；多份请列成表格，放到“一批”里。", { tone: "note" });
    try {
      const letter = await letterOf(file);
      const sheet = { ...blank(), title: letter.title, text: letter.text };
      if (this.id) keepSheet({ sheet, choice: null, at: new Date().toISOString() });
      if (this.id) return go("one");
      this.replace(sheet, `已读入 ${file.name}`);
      this.told = [`已读入 ${file.name}。`, ...letter.notices].join("");
    } catch (error) {
      sayProblem(error);
    }
    this.draw();
  }

  /** @param {Partial<Choice>} news */
  choose(news) {
    const touched = this.choice.touched || Object.keys(news).some((name) => name !== "reason");
    this.choice = { ...this.choice, ...news, touched };
    this.keep();
    this.draw();
  }

  #ticked() {
    const listed = helpersOf(this.advice.now.triaged, this.choice.lead).map((one) => one.unit);
    return this.choice.co.filter((unit) => listed.includes(unit));
  }

  /** The advice changed: what it would choose is chosen, where the clerk has not. */
  advised() {
    const { triaged } = this.advice.now;
    const { kept, choice } = this;
    if (!choice.touched && !kept?.decided) {
      const fits = kept?.advice && kept.advice.answer === kept.answer?.id ? kept.advice : undefined;
      this.choice = { ...(triaged ? proposed(triaged, fits) : unchosen()), reason: choice.reason };
    }
    this.draw();
  }

  /** @param {Span[]} spans what is pointed at for now */
  point(spans) {
    this.pointed = spans;
    this.draw();
  }

  /** @param {Span[]} spans what stays pointed at */
  pin(spans) {
    this.pinned = spans;
    this.draw();
    if (spans.length) afterDrawing(showPointed);
  }

  /** @param {string} kind @param {boolean} on */
  turn(kind, on) {
    this.marks = { ...this.marks, [kind]: on };
    keepDraft("one.marks", this.marks);
    this.draw();
  }

  /** @param {any | null} hit */
  async compare(hit) {
    this.comparison = hit && { hit, other: null, trouble: "" };
    this.draw();
    if (!hit) return;
    focusLater("one-comparison");
    const found = await compared(hit);
    if (this.comparison?.hit === hit) this.comparison = found;
    this.draw();
  }

  async allTopics() {
    if (this.topics.length) return;
    try {
      this.topics = (await get("/v1/topics")).topics.map((/** @type {any} */ topic) => topic.name);
    } catch {
      this.topics = []; // those of the advice are there; the others come with the next try
    }
    this.draw();
  }

  again() {
    if (this.kept) void advise(this, null);
    else this.ask(true);
  }
}

function showPointed() {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  document
    .querySelector(".one mark.pointed")
    ?.scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
}
