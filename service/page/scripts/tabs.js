/**
 * Which tab this is, and which others are open: what is typed in two tabs of one clerk stays apart.
 *
 * Open tabs answer over a channel of the browser, which also works where the page came without TLS (there are no locks
 * then). A tab that sleeps does not answer and counts as closed: its words are taken over, and are still its own, too.
 */
import { requestName } from "./api.js";

const NAME = "triage.tab";
const PATIENCE = 400;

/** @type {BroadcastChannel | null} */
let channel = null;
let mine = "";

/** The name of this tab; a reload and a restart of the browser keep it. */
export function thisTab() {
  mine ||= stored() || renamed();
  return mine;
}

/** Answer other tabs from now on. */
export function answerTabs() {
  channel = new BroadcastChannel(NAME);
  channel.addEventListener("message", ({ data }) => {
    if (data.asks) channel?.postMessage({ here: thisTab() });
  });
}

/**
 * The names of the other open tabs. Where one of them has our name, as a tab that was duplicated has, we take a new one.
 * @returns {Promise<Set<string>>}
 */
export async function otherTabs() {
  /** @type {Set<string>} */
  const open = new Set();
  const hear = (/** @type {MessageEvent} */ { data }) => data.here && open.add(data.here);
  channel?.addEventListener("message", hear);
  channel?.postMessage({ asks: true });
  await new Promise((resolve) => setTimeout(resolve, PATIENCE));
  channel?.removeEventListener("message", hear);
  if (open.has(thisTab())) mine = renamed();
  return open;
}

function stored() {
  try {
    return sessionStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}

function renamed() {
  const name = requestName();
  try {
    sessionStorage.setItem(NAME, name);
  } catch {
    // the browser keeps nothing: the name holds until the next reload
  }
  return name;
}
