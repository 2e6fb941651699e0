/**
 * A question in a window of its own; keyboard focus stays in it and comes back (the browser's own `<dialog>`). Who goes to
 * another address, such as with the browser's way back, has said no.
 */
import { html, render } from "./html.js";

/**
 * Ask. Resolves with true, or with the words that were typed where `words` is given; with null where the clerk said no.
 *
 * @param {{title: string, text?: any, yes: string, no?: string, danger?: boolean,
 *   words?: {label: string, value?: string, needed?: boolean}}} question `text` may be a template
 * @returns {Promise<true | string | null>}
 */
export function ask({ title, text = "", yes, no = "取消", danger = false, words }) {
  return new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    dialog.className = "question";
    dialog.setAttribute("aria-labelledby", "question-title");
    const answer = (/** @type {true | string | null} */ given) => {
      removeEventListener("hashchange", leave);
      dialog.close();
      dialog.remove();
      resolve(given);
    };
    const leave = () => answer(null);
    const agreed = (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const typed =
        /** @type {HTMLTextAreaElement | null} */ (dialog.querySelector("textarea"))?.value.trim() ?? "";
      answer(words ? typed : true);
    };
    render(
      html`<form method="dialog" @submit=${agreed}>
        <h2 id="question-title">${title}</h2>
        <div class="question-text">${text}</div>
        ${
          words
            ? html`<label class="field"
              >${words.label}<textarea rows="3" maxlength="2000" ?required=${words.needed} .value=${words.value ?? ""}></textarea>
            </label>`
            : ""
        }
        <p class="actions">
          <button type="submit" class="button ${danger ? "danger" : "primary"}">${yes}</button>
          <button type="button" class="button" @click=${() => answer(null)}>${no}</button>
        </p>
      </form>`,
      dialog,
    );
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      answer(null);
    });
    addEventListener("hashchange", leave);
    document.body.append(dialog);
    dialog.showModal();
  });
}
