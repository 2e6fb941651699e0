/** The sheet of this tab as it was left. That of a tab that was closed is taken over, so nothing typed is lost. */
import { draft, draftNames, keepDraft } from "../../drafts.js";
import { otherTabs, thisTab } from "../../tabs.js";

/** @typedef {{sheet: import("./sheet.js").Sheet, choice: import("./choice.js").Choice | null, at: string}} Left */

const NAME = "one@";

/** Keep it; null forgets it. @param {Left | null} left @returns {boolean} whether the browser keeps it */
export function keepSheet(left) {
  return keepDraft(NAME + thisTab(), left);
}

/** As it was left in this tab. @returns {Left | null} */
export function keptSheet() {
  return draft(NAME + thisTab());
}

/**
 * Look for a sheet that was left in a tab that is closed. Meanwhile the clerk may have begun to type.
 * @param {() => boolean} free whether there is room for it @param {() => void} moved is told where this tab got a new
 *   name, under which nothing is kept yet @returns {Promise<boolean>} whether one is now this tab's
 */
export async function takeOver(free, moved) {
  const before = thisTab();
  const open = await otherTabs();
  if (thisTab() !== before) moved();
  if (!free()) return false;
  for (const name of draftNames(NAME)) {
    const left = open.has(name.slice(NAME.length)) ? null : draft(name);
    if (!left) continue;
    keepDraft(name, null);
    return keepSheet(left);
  }
  return false;
}
