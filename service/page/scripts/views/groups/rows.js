/** The suggestions of groups as they stand now: who leads them, what is advised, what others did meanwhile. */
import { get, Problem } from "../../api.js";
import { onChanges } from "../../changes.js";
import { sayProblem } from "../../messages.js";

/** @typedef {import("../list/rows.js").Row} Row */

const AT_ONCE = 200;
const AGAIN = 2000;

/** @param {() => void} changed draws anew */
export function standing(changed) {
  /** @type {Map<string, Row>} */
  const rows = new Map();
  /** @type {Set<string>} */
  let wanted = new Set();
  /** What others did, and is not shown yet. @type {Map<string, import("../../changes.js").Change>} */
  const news = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let held = 0;
  let closed = false;
  const stop = onChanges((changes) => {
    for (const change of changes) {
      const { suggestion } = change;
      if (wanted.has(suggestion) && (isDecision(change) || !isDecision(news.get(suggestion))))
        news.set(suggestion, change);
    }
    catchUp();
  });

  function catchUp() {
    if (held) return;
    for (const [id, change] of news) {
      const known = isDecision(change) && (rows.get(id)?.decision ?? -1) >= (change.decision ?? Infinity);
      if (known) news.delete(id); // our own deed, or one that was fetched meanwhile
    }
    if (news.size) void refresh([...news.keys()]);
  }

  /** Fetch these anew; where the line is down, again later. @param {string[]} ids */
  async function refresh(ids) {
    clearTimeout(timer);
    try {
      for (let from = 0; from < ids.length; from += AT_ONCE) {
        const part = ids.slice(from, from + AT_ONCE);
        const { suggestions } = await get("/v1/suggestions", { query: { id: part, limit: AT_ONCE } });
        for (const one of suggestions) keep(one);
        for (const id of part) news.delete(id);
        if (!closed) changed();
      }
    } catch (error) {
      if (error instanceof Problem && error.passing && !closed)
        timer = setTimeout(() => void refresh(ids), AGAIN);
      else sayProblem(error);
    }
  }

  /** A row as the service tells it, unless we know better. @param {any} one */
  function keep(one) {
    const known = rows.get(one.id);
    if (known && known.decision > one.decision) return;
    const change = news.get(one.id);
    const by = isDecision(change) ? (change?.by ?? "") : known?.decision === one.decision ? known?.by : "";
    rows.set(one.id, { ...one, words: "", by: by ?? "" });
  }

  return {
    /** How it stands; undefined until that is known. @param {string} id */
    row: (id) => rows.get(id),
    refresh,

    /** These are shown from now on. @param {string[]} ids */
    show(ids) {
      wanted = new Set(ids);
      void refresh([...wanted]);
    },

    /** Rows as our own deeds left them. @param {any[]} deeds */
    patch(deeds) {
      for (const one of deeds) {
        const row = rows.get(one.id);
        if (row) rows.set(one.id, { ...row, ...one });
      }
      changed();
    },

    /** Wait with what others did while we write ourselves. @param {boolean} on */
    hold(on) {
      held += on ? 1 : -1;
      catchUp();
    },

    close() {
      closed = true;
      clearTimeout(timer);
      stop();
    },
  };
}

/** @param {import("../../changes.js").Change | undefined} change */
function isDecision(change) {
  return change?.action.startsWith("decision.") ?? false;
}
