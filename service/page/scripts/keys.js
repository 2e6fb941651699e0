/**
 * The keyboard. Shortcuts are function keys and keys with Ctrl or Alt, never single letters: they work while one types,
 * and disturb no screen reader (WCAG 2.1.4).
 */

/** @typedef {{key: string, label: string, run: () => void}} Shortcut `key` such as "F2", "Ctrl+Enter", "Alt+1" */

/** @type {() => Shortcut[]} */
let current = () => [];

/**
 * Listen. A key that is held down counts once, and while a question is open only the question has keys.
 * @param {() => Shortcut[]} shortcuts those that hold now; of two with one key the first counts
 */
export function setUpKeys(shortcuts) {
  current = shortcuts;
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented || document.querySelector("dialog:modal")) return;
    const name = nameOf(event);
    const found = current().find((shortcut) => shortcut.key === name);
    if (!found || (name === "Ctrl+z" && isTyping(event.target))) return;
    event.preventDefault();
    if (!event.repeat || name === "Ctrl+z") found.run();
  });
}

/** The shortcuts that hold now, for the help. */
export function shortcutsNow() {
  return current();
}

/** @type {Map<string, Shortcut[]>} */
const seen = new Map();

/** Remember the keys of a view that is left, for the help. @param {string} view @param {Shortcut[]} shortcuts */
export function rememberKeys(view, shortcuts) {
  if (shortcuts.length) seen.set(view, shortcuts);
}

/** The keys of a view, where it was open in this visit. @param {string} view */
export function keysOf(view) {
  return seen.get(view) ?? [];
}

/** @param {KeyboardEvent} event */
function nameOf(event) {
  const held = [
    event.ctrlKey || event.metaKey ? "Ctrl+" : "",
    event.altKey ? "Alt+" : "",
    event.shiftKey ? "Shift+" : "",
  ];
  return held.join("") + (event.key.length === 1 ? event.key.toLowerCase() : event.key);
}

/** Whether Ctrl+Z there takes back what was typed. @param {EventTarget | null} target */
function isTyping(target) {
  return (
    target instanceof HTMLTextAreaElement ||
    (target instanceof HTMLInputElement && target.value !== "" && target.type !== "checkbox")
  );
}
