/**
 * Who works here: the key, and what it may do. The key is kept in this tab, or on this computer if the clerk wants so.
 */
import { get, useKey } from "./api.js";

const NAME = "triage.key";

/** @typedef {{name: string, scopes: string[], confidential: boolean, memory: boolean}} Me */

/** @type {Me | null} */
let known = null;
let token = "";

/** The key's right to something: `read`, `triage`, `decide`, `admin`. @param {string} scope */
export function may(scope) {
  const scopes = known?.scopes ?? [];
  if (scopes.includes("admin") || scopes.includes(scope)) return true;
  return scope === "read" && scopes.length > 0;
}

/** Who works here, or null before anybody signed in. */
export function me() {
  return known;
}

/** A short name of the key that is no secret: what is kept in the browser belongs to it. */
export function owner() {
  return /^tk_([^_]+)_/.exec(token)?.[1] ?? "anyone";
}

/**
 * Sign in with the key of the address (`#key=…`), of this tab or of this computer.
 * @returns {Promise<Me | null>} null where a key is needed and none is known
 */
export async function resume() {
  const given = /[#&]key=([^&]+)/.exec(location.hash)?.[1];
  if (given) {
    sessionStorage.setItem(NAME, given);
    history.replaceState(null, "", `${location.pathname}#/one`); // the key stands in no address bar
  }
  const found = given ?? sessionStorage.getItem(NAME) ?? localStorage.getItem(NAME) ?? "";
  try {
    return await signIn(found, { remember: localStorage.getItem(NAME) === found && found !== "" });
  } catch (error) {
    if (/** @type {any} */ (error).status === 401) return null;
    throw error;
  }
}

/**
 * Use a key. @param {string} wanted @param {{remember: boolean}} options
 * @returns {Promise<Me>}
 */
export async function signIn(wanted, { remember }) {
  useKey(wanted.trim());
  known = await get("/v1/me");
  token = wanted.trim();
  if (token) sessionStorage.setItem(NAME, token);
  if (token && remember) localStorage.setItem(NAME, token);
  return /** @type {Me} */ (known);
}

/** Forget the key. What waits to be sent stays, for the same key to come back. */
export function signOut() {
  sessionStorage.removeItem(NAME);
  localStorage.removeItem(NAME);
  useKey("");
  known = null;
  token = "";
}
