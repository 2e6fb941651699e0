/**
 * The templates of lit-html, under one roof: nothing else of this page names the library.
 * It escapes every value, so a text of a suggestion can never become markup.
 */

export { classMap } from "../vendor/lit-html/directives/class-map.js";
export { guard } from "../vendor/lit-html/directives/guard.js";
export { ifDefined } from "../vendor/lit-html/directives/if-defined.js";
export { keyed } from "../vendor/lit-html/directives/keyed.js";
export { live } from "../vendor/lit-html/directives/live.js";
export { createRef, ref } from "../vendor/lit-html/directives/ref.js";
export { repeat } from "../vendor/lit-html/directives/repeat.js";
export { html, nothing, render, svg } from "../vendor/lit-html/lit-html.js";

/** @template [T=Element] @typedef {import("../vendor/lit-html/directives/ref.js").Ref<T>} Ref */
