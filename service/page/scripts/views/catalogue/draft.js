/**
 * The catalogue's files as they are in force, and over them what was edited and is not in force yet: a draft, which
 * outlives a reload and belongs to this browser.
 */
import { call, requestName } from "../../api.js";
import { draft, keepDraft } from "../../drafts.js";
import { say } from "../../messages.js";
import { addRow, cell, differing, readTable, records, setCell, writeTable } from "./csv.js";

/** @typedef {import("./csv.js").Table} Table @typedef {import("./csv.js").Row} Row */
/** @typedef {Record<string, string | null>} Texts null: there is no such file */
/**
 * @typedef {{number: number | null, etag: string, files: Record<string, string>,
 *   columns: Record<string, Record<string, string[]>>, levels: string[], systems: string[]}} InForce
 */
/** @typedef {{base: string, before: Texts, files: Texts, reason: string, request: string}} Draft */

export const FILES = {
  "units.csv": "单位",
  "topics.csv": "类别",
  "areas.csv": "区域",
  "rules.csv": "规矩",
  "days.csv": "工作日",
  "office.toml": "设置",
};
export const KEYS = {
  "units.csv": "code",
  "topics.csv": "code",
  "areas.csv": "code",
  "rules.csv": "id",
  "days.csv": "date",
};
const NAME = "catalogue";
const PAUSE = 300;

/** @param {() => void} draw */
export function openDraft(draw) {
  /** @type {InForce | null} */
  let held = null;
  /** @type {Draft | null} */
  let mine = draft(NAME);
  /** @type {Map<string, {text: string, table: Table}>} */
  const tables = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @returns {Promise<InForce>} */
  async function inForce() {
    const { data, etag } = await call("GET", "/v1/catalogue/files");
    return { ...data, etag };
  }

  async function load() {
    held = await inForce();
    if (mine && mine.base !== held.etag && same(all(mine.files), held.files)) forget(); // it was put into force after all
    draw();
  }

  function keep() {
    clearTimeout(timer);
    timer = undefined;
    if (!keepDraft(NAME, mine))
      say("浏览器存不下这些修改，刷新会丢。请先生效，或下载文件保存。", { tone: "wrong" });
  }

  function forget() {
    mine = null;
    keep();
  }

  /** @param {Texts} changes over what is in force */
  function all(changes) {
    const found = { ...held?.files, ...changes };
    return /** @type {Record<string, string>} */ (
      Object.fromEntries(Object.entries(found).filter(([, text]) => text !== null))
    );
  }

  /** @param {string} name @param {string | null} text */
  function setFile(name, text) {
    if (!held) return;
    mine ??= { base: held.etag, before: {}, files: {}, reason: "", request: "" };
    mine.request = "";
    if (!(name in mine.before)) mine.before[name] = held.files[name] ?? null;
    mine.files[name] = text;
    if (mine.before[name] === text) {
      delete mine.files[name];
      delete mine.before[name];
    }
    if (!Object.keys(mine.files).length && mine.base === held.etag) mine = null;
    timer ??= setTimeout(keep, PAUSE);
    draw();
  }

  /** The text of a file as it stands with the draft. @param {string} name @returns {string | null} */
  function text(name) {
    return mine && name in mine.files ? mine.files[name] : (held?.files[name] ?? null);
  }

  /** The table of a file; edit it and hand it to `setTable`. @param {string} name */
  function table(name) {
    return parsed(name, text(name) ?? "", name);
  }

  /** @param {string} name @param {Table} edited */
  function setTable(name, edited) {
    const written = writeTable(edited);
    tables.set(name, { text: written, table: edited });
    setFile(name, written);
  }

  /** The table as it was before the draft. @param {string} name */
  function before(name) {
    return parsed(
      `before ${name}`,
      (mine && name in mine.before ? mine.before[name] : held?.files[name]) ?? "",
      name,
    );
  }

  /** @param {string} place @param {string} now @param {string} name */
  function parsed(place, now, name) {
    const kept = tables.get(place);
    if (kept?.text === now) return kept.table;
    const read = readTable(now, held?.columns[name] ?? {});
    tables.set(place, { text: now, table: read });
    return read;
  }

  /** What the draft changes, a file each. */
  function changes() {
    if (!held) return [];
    return Object.keys(mine?.files ?? {}).map((name) => {
      const key = KEYS[/** @type {keyof typeof KEYS} */ (name)];
      return { name, rows: key ? differing(before(name), table(name), key) : null };
    });
  }

  return {
    load,
    text,
    table,
    setFile,
    setTable,
    before,
    changes,
    keep: () => timer && keep(),
    held: () => held,
    mine: () => mine,
    files: () => all(mine?.files ?? {}),
    /** Whether something else was put into force since the draft was begun. */
    stale: () => Boolean(mine && held && mine.base !== held.etag),
    /** How many things the draft changes. */
    count: () =>
      changes().reduce(
        (sum, { rows }) => sum + (rows ? rows.added.length + rows.removed.length + rows.changed.length : 1),
        0,
      ),
    /** @param {string} reason */
    setReason(reason) {
      if (mine) mine = { ...mine, reason, request: "" };
      timer ??= setTimeout(keep, PAUSE);
    },
    /** Take a whole set of files as the draft: an older version. @param {Record<string, string>} files @param {string} reason */
    replace(files, reason) {
      if (!held) return;
      const names = [...new Set([...Object.keys(held.files), ...Object.keys(files)])];
      const other = names.filter((name) => files[name] !== held?.files[name]);
      const pick = (/** @type {Record<string, string>} */ from) =>
        Object.fromEntries(other.map((name) => [name, from[name] ?? null]));
      mine = other.length
        ? { base: held.etag, before: pick(held.files), files: pick(files), reason, request: "" }
        : null;
      keep();
      draw();
    },
    /** Give the draft up. @returns {() => Promise<void>} the way back */
    discard() {
      const gone = mine;
      forget();
      draw();
      return async () => {
        mine = gone;
        keep();
        draw();
      };
    },
    /** Put the draft on top of what is in force now. @returns {string[]} what both sides had changed; ours holds */
    rebase() {
      if (!mine || !held) return [];
      const { before: was, files } = mine;
      /** @type {string[]} */
      const both = [];
      /** @type {Texts} */
      const moved = {};
      for (const [name, text] of Object.entries(files))
        moved[name] = carried(name, [was[name], text, held.files[name] ?? null], held.columns[name], both);
      const kept = Object.entries(moved).filter(([name, text]) => text !== (held?.files[name] ?? null));
      const old = Object.fromEntries(kept.map(([name]) => [name, held?.files[name] ?? null]));
      mine = kept.length
        ? { ...mine, base: held.etag, before: old, files: Object.fromEntries(kept), request: "" }
        : null;
      keep();
      draw();
      return both;
    },
    /** Put it into force. @param {string} reason @returns {Promise<{number: number, back: () => Promise<unknown>}>} */
    async putIntoForce(reason) {
      if (!mine || !held) throw new Error("没有要生效的修改。");
      mine.request ||= requestName(); // a lost answer is asked for again, not done again
      keep();
      const former = held.files;
      const headers = { "If-Match": mine.base, "Idempotency-Key": mine.request };
      const { data, etag } = await call("POST", "/v1/catalogue", {
        body: { files: all(mine.files), reason },
        headers,
      });
      forget();
      await load();
      const back = async () => {
        const body = { files: former, reason: `撤销第${data.number}版：${reason}`.slice(0, 2000) };
        await call("POST", "/v1/catalogue", {
          body,
          headers: { "If-Match": etag, "Idempotency-Key": requestName() },
        });
        await load();
      };
      return { number: data.number, back };
    },
  };
}

/** @typedef {ReturnType<typeof openDraft>} Edited */

/**
 * Our change of a file on top of theirs: a table row by row, any other file as a whole.
 * @param {string} name @param {(string | null)[]} texts as it was, ours, theirs @param {Record<string, string[]>} known
 * @param {string[]} both is told what both sides had changed
 */
function carried(name, [was, ours, theirs], known, both) {
  const key = KEYS[/** @type {keyof typeof KEYS} */ (name)];
  if (theirs === was || theirs === ours) return ours;
  if (!key || ours === null || theirs === null || was === null) {
    both.push(FILES[/** @type {keyof typeof FILES} */ (name)]);
    return ours;
  }
  const [old, mine, target] = [was, ours, theirs].map((text) => readTable(text, known));
  const told = differing(old, mine, key);
  const other = differing(old, target, key);
  const find = (/** @type {Table} */ table, /** @type {string} */ code) =>
    records(table).find((row) => cell(table, row, key) === code);
  const rowOf = (/** @type {string} */ code) => {
    const row = /** @type {Row} */ (find(mine, code));
    return Object.fromEntries(Object.keys(mine.columns).map((column) => [column, cell(mine, row, column)]));
  };
  for (const code of told.removed) target.rows = target.rows.filter((row) => row !== find(target, code));
  for (const code of told.added) {
    if (find(target, code)) both.push(code);
    else addRow(target, rowOf(code), known);
  }
  for (const { key: code, cells } of told.changed) {
    const row = find(target, code);
    const theirCells = other.changed.find((one) => one.key === code)?.cells ?? [];
    if (
      cells.some((mineCell) =>
        theirCells.some((one) => one.column === mineCell.column && one.after !== mineCell.after),
      )
    )
      both.push(code);
    if (!row) addRow(target, rowOf(code), known);
    else for (const { column, after } of cells) setCell(target, row, column, after, known);
  }
  return writeTable(target);
}

/** @param {Record<string, string>} one @param {Record<string, string>} other */
function same(one, other) {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
