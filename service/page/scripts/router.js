/**
 * Which view an address shows. A view is a module of its own in `views/` that is fetched when it is first needed.
 *
 * An address is `#/name`, `#/name/part` or `#/name/part?filter=…`: it can be kept as a bookmark and sent to a colleague.
 */

/**
 * What a view is given.
 * @typedef {object} Page
 * @property {() => void} draw draws the page anew; call it after every change
 * @property {string[]} parts the parts of the address after the view's name
 * @property {URLSearchParams} query
 */

/**
 * What a view gives.
 * @typedef {object} View
 * @property {() => any} template what stands on the page now
 * @property {import("./keys.js").Shortcut[]} [shortcuts] its own keys
 * @property {() => void} [close] it is left: stop timers, follow no more
 * @property {(page: Page) => boolean} [moved] the address changed within the view; true: the view goes on itself
 */

/**
 * Every view: its title, where it stands in the navigation ("" for not at all), who may use it, and its module, which
 * exports `open(page: Page): View`. The right "" means everybody; `memory` says that it needs stored suggestions.
 */
export const VIEWS = {
  one: { title: "一件", right: "", memory: false, load: () => import("./views/one/view.js") },
  batch: { title: "一批", right: "triage", memory: true, load: () => import("./views/batch/view.js") },
  list: { title: "全部建议", right: "read", memory: true, load: () => import("./views/list/view.js") },
  groups: {
    title: "并案与不一致",
    right: "read",
    memory: true,
    load: () => import("./views/groups/view.js"),
  },
  office: { title: "全局", right: "read", memory: true, load: () => import("./views/office/view.js") },
  model: { title: "模型", right: "admin", memory: true, load: () => import("./views/model/view.js") },
  catalogue: {
    title: "单位与职责",
    right: "admin",
    memory: true,
    load: () => import("./views/catalogue/view.js"),
  },
  help: { title: "帮助", right: "", memory: false, load: () => import("./views/help/view.js") },
};

/** @typedef {keyof typeof VIEWS} Name */

/** The view, parts and query of an address. @param {string} hash @returns {{name: Name, parts: string[], query: URLSearchParams}} */
export function read(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [name, ...parts] = path.split("/").map(decoded);
  return {
    name: Object.hasOwn(VIEWS, name) ? /** @type {Name} */ (name) : "one",
    parts,
    query: new URLSearchParams(query),
  };
}

/** Also where somebody typed a % of their own. @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a view. @param {Name} name @param {string[]} [parts] @param {Record<string, string>} [query] */
export function address(name, parts = [], query = {}) {
  const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "")).toString();
  return `#/${[name, ...parts.map(encodeURIComponent)].join("/")}${asked ? `?${asked}` : ""}`;
}

/** Go there. @param {Name} name @param {string[]} [parts] @param {Record<string, string>} [query] */
export function go(name, parts, query) {
  location.hash = address(name, parts, query);
}
