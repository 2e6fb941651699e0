/** The suggestions of a list: fetched page by page while the clerk already works, and kept as they stand. */
import { get, Problem, patiently } from "../../api.js";
import { onChanges } from "../../changes.js";

/**
 * @typedef {{decision: "suggest" | "choose" | "coordinate", mode: string, lead: string, leads: string[], score: number,
 *   co: string[], topic: string, zone: string, answer: number}} Advice
 * @typedef {{id: string, state: string, title: string, source: string, session: string, date: string | null,
 *   proposers: string[], wish: string, confidential: boolean, topic: string, lead: string[], co: string[],
 *   decision: number, returned: boolean, advice: Advice | null, batch: string, changed_at: string}} Listed
 * @typedef {Listed & {words: string, by: string}} Row `words`: what is searched; `by`: who decided while we looked on
 */

const PAGE = 500;
const MOST = 20_000;
const AT_ONCE = 50;
const AGAIN = 10_000;
const RANKS = { coordinate: 1, choose: 2, suggest: 3 };

/** As the search reads a text: full and half width, capitals and small letters are one. @param {string} text */
export function plain(text) {
  return text.normalize("NFKC").toLowerCase();
}

/** @param {Listed} listed @param {string} by @returns {Row} */
function rowOf(listed, by) {
  const { id, title, source, session, proposers, wish } = listed;
  return { ...listed, by, words: plain([id, title, source, session, proposers.join(" "), wish].join("\n")) };
}

/**
 * What is still to be decided comes first, and of that what is unsure: no advice, then what is to be talked over, then
 * what is to be chosen. @param {Row} a @param {Row} b
 */
export function byUnsure(a, b) {
  const settled = (/** @type {Row} */ row) => Number(row.state !== "open" && !row.returned);
  const rank = (/** @type {Row} */ row) => (row.advice ? RANKS[row.advice.decision] : 0);
  return (
    settled(a) - settled(b) ||
    rank(a) - rank(b) ||
    (a.advice?.score ?? 0) - (b.advice?.score ?? 0) ||
    (a.id < b.id ? -1 : 1)
  );
}

/**
 * The rows that a fixed filter of the service chooses, such as those of one batch.
 *
 * @param {{filter: Record<string, any>, changed: (what: "rows" | "content" | "own") => void}} options `changed` is
 *   told "rows" when there are other rows, "content" when rows only say something else, "own" when that is our doing
 */
export function rowStore({ filter, changed }) {
  /** @type {Map<string, Row>} */
  let rows = new Map();
  /** @type {Row[] | null} */
  let list = null;
  /** @type {AbortController | null} */
  let loading = null;
  /** @type {Problem | null} */
  let problem = null;
  let complete = false;
  let closed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** What others did, and is not shown yet. @type {Map<string, import("../../changes.js").Change>} */
  const news = new Map();
  let held = 0;
  const stop = onChanges(follow);

  /** Fetch all pages; those that are shown stay until the new ones are there. */
  async function load() {
    clearTimeout(timer);
    loading?.abort();
    const mine = new AbortController();
    loading = mine;
    problem = null;
    const first = !rows.size;
    const upTo = Math.max(0, ...[...news.values()].map((change) => change.number));
    /** @type {Map<string, Row>} */
    const found = first ? rows : new Map();
    let cursor = "";
    try {
      do {
        const query = { ...filter, order: "unsure", limit: PAGE, cursor };
        const page = await patiently(
          () => get("/v1/suggestions", { query, signal: mine.signal }),
          mine.signal,
        );
        for (const listed of page.suggestions) keep(found, listed);
        cursor = page.next ?? "";
        complete = !cursor;
        if (first) tell("rows");
      } while (cursor && found.size < MOST);
      rows = found;
    } catch (error) {
      if (error instanceof DOMException) return; // a newer one is under way, or the view is left
      if (!(error instanceof Problem)) throw error;
      problem = error;
    }
    if (loading === mine) loading = null;
    if (complete) for (const [id, { number }] of news) if (number <= upTo) news.delete(id);
    tell("rows");
    catchUp();
  }

  /** @param {"rows" | "content" | "own"} what */
  function tell(what) {
    list = null;
    if (!closed) changed(what);
  }

  /** Only what others changed is fetched anew. @param {import("../../changes.js").Change[]} changes */
  function follow(changes) {
    for (const change of changes) {
      const decided = change.action.startsWith("decision.");
      if (decided || !news.get(change.suggestion)?.action.startsWith("decision."))
        news.set(change.suggestion, change);
    }
    catchUp();
  }

  function catchUp() {
    if (loading || held || closed) return;
    for (const [id, { action, decision }] of news) {
      const known =
        action.startsWith("decision.") && (rows.get(id)?.decision ?? -1) >= (decision ?? Infinity);
      if (known) news.delete(id); // our own deed, or one that was fetched meanwhile
    }
    clearTimeout(timer);
    if (news.size > AT_ONCE) timer = setTimeout(() => void load(), AGAIN);
    else if (news.size) void refresh([...news.keys()]);
  }

  /** A row as the service tells it, unless we know better. @param {Map<string, Row>} into @param {Listed} listed */
  function keep(into, listed) {
    const known = rows.get(listed.id);
    if (known && known.decision > listed.decision) into.set(listed.id, known);
    else into.set(listed.id, rowOf(listed, whoDid(listed.id) || known?.by || ""));
  }

  /** Who decided about it while we looked on. @param {string} id */
  function whoDid(id) {
    const change = news.get(id);
    return change?.action.startsWith("decision.") ? change.by : "";
  }

  /** Fetch these anew. @param {string[]} ids */
  async function refresh(ids) {
    try {
      for (let from = 0; from < ids.length; from += AT_ONCE) {
        const some = ids.slice(from, from + AT_ONCE);
        const seen = new Map(some.map((id) => [id, news.get(id)]));
        const page = await get("/v1/suggestions", { query: { ...filter, id: some, limit: AT_ONCE } });
        const there = new Set(page.suggestions.map((/** @type {Listed} */ one) => one.id));
        const before = rows.size;
        for (const id of some) if (!there.has(id)) rows.delete(id);
        for (const listed of page.suggestions) keep(rows, listed);
        for (const [id, change] of seen) if (news.get(id) === change) news.delete(id);
        tell(rows.size === before ? "content" : "rows");
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error; // the next change tries again: `news` still holds these
    }
  }

  return {
    load,
    refresh,

    /** All rows that are there by now. @returns {Row[]} */
    all: () => (list ??= [...rows.values()]),

    /** @param {string} id */
    row: (id) => rows.get(id),

    /** Rows as our own deeds left them. @param {{id: string, [name: string]: any}[]} deeds */
    patch(deeds) {
      for (const { id, ...values } of deeds) {
        const row = rows.get(id);
        if (row) rows.set(id, { ...row, ...values });
      }
      tell("own");
    },

    /** Wait with what others did while we write ourselves. @param {boolean} on */
    hold(on) {
      held += on ? 1 : -1;
      catchUp();
    },

    /** How far loading is. */
    state: () => ({ loading: loading !== null, complete, problem, capped: !complete && rows.size >= MOST }),

    close() {
      closed = true;
      clearTimeout(timer);
      loading?.abort();
      stop();
    },
  };
}
