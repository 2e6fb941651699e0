/** All suggestions of the memory, or those of one batch (`#/list?batch=…`). */
import { html } from "../../html.js";
import { address } from "../../router.js";
import { suggestionList } from "./suggestion-list.js";

/** @param {import("../../router.js").Page} page @returns {import("../../router.js").View} */
export function open(page) {
  let batch = "";
  let list = listOf(page);

  /** @param {import("../../router.js").Page} now */
  function listOf(now) {
    batch = now.query.get("batch") ?? "";
    return suggestionList({
      batch,
      query: now.query,
      draw: page.draw,
      title: () => (batch ? "这一批建议" : "全部建议"),
      beside: batch ? html`<a href=${address("list")}>看全部建议</a>` : "",
      write: (query) =>
        history.replaceState(null, "", address("list", [], batch ? { batch, ...query } : query)),
    });
  }

  return {
    template: () => list.template(),
    get shortcuts() {
      return list.shortcuts();
    },
    close: () => list.close(),
    moved(now) {
      if ((now.query.get("batch") ?? "") === batch) list.moved(now.query);
      else {
        list.close();
        list = listOf(now);
      }
      return true;
    },
  };
}
