/**
 * Short messages at the lower edge, read out by screen readers, some with a way back; and the way back itself.
 */
import { html, repeat } from "./html.js";

const STAYS = 8000;
const REMEMBERED = 50;

/** @typedef {{id: number, text: string, tone: string, action?: {label: string, run: () => void}}} Message */
/** @typedef {{label: string, back: () => Promise<unknown>, said: number}} Undo `said`: its message */

/** @type {Message[]} */
let messages = [];
/** @type {Undo[]} */
const undone = [];
let next = 1;
/** @type {() => void} */
let draw = () => {};

/** @param {() => void} redraw draws the page anew */
export function setUpMessages(redraw) {
  draw = redraw;
}

/**
 * Say something. A "wrong" stays until it is closed; an "ok" goes by itself.
 * @param {string} text @param {{tone?: "ok" | "wrong" | "note", action?: {label: string, run: () => void}}} [options]
 * @returns {number} which message it is
 */
export function say(text, { tone = "ok", action } = {}) {
  const message = { id: next++, text, tone, action };
  messages = [...messages.filter((other) => other.text !== text || other.action).slice(-3), message];
  if (tone !== "wrong") setTimeout(() => close(message.id), STAYS);
  draw();
  return message.id;
}

/** Tell what went wrong. @param {unknown} error */
export function sayProblem(error) {
  if (error instanceof DOMException && error.name === "AbortError") return;
  say(error instanceof Error ? error.message : String(error), { tone: "wrong" });
}

/**
 * Say what was done, and offer the way back (Ctrl+Z).
 * @param {string} label such as "已交办 RD2025-031" @param {() => Promise<unknown>} back
 */
export function done(label, back) {
  const step = { label, back, said: 0 };
  undone.push(step);
  if (undone.length > REMEMBERED) undone.shift();
  step.said = say(label, { action: { label: "撤销", run: () => void undo(step) } });
}

/** Take back one step: the given one, else the last. @param {Undo} [step] */
export async function undo(step = undone.at(-1)) {
  if (!step || !undone.includes(step)) {
    say("没有可以撤销的操作。", { tone: "note" });
    return;
  }
  undone.splice(undone.indexOf(step), 1);
  close(step.said);
  try {
    await step.back();
    say(`已撤销：${step.label}`, { tone: "note" });
  } catch (error) {
    sayProblem(error);
  }
}

/** Another clerk may sign in: what was said, and the ways back, were this one's. */
export function forgetMessages() {
  messages = [];
  undone.length = 0;
}

/** @param {number} id */
function close(id) {
  messages = messages.filter((message) => message.id !== id);
  draw();
}

/** The messages as they are shown. */
export function messagesTemplate() {
  return html`<div class="messages" role="status" aria-live="polite">
    ${repeat(
      messages,
      (message) => message.id,
      (message) => html`<p class="message ${message.tone}">
        <span>${message.text}</span>
        ${
          message.action
            ? html`<button
              type="button"
              class="link"
              @click=${() => {
                close(message.id);
                message.action?.run();
              }}
            >
              ${message.action.label}
            </button>`
            : ""
        }
        <button type="button" class="link" aria-label="关闭这条消息" @click=${() => close(message.id)}>×</button>
      </p>`,
    )}
  </div>`;
}
