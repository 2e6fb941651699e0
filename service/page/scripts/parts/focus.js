/** Where the clerk goes on. */

/** Once what was asked for is drawn: two frames on it stands there. @param {() => void} run */
export function afterDrawing(run) {
  requestAnimationFrame(() => requestAnimationFrame(run));
}

/**
 * Put the focus there, once it is drawn.
 * @param {string} id @param {{scroll?: boolean}} [options] `scroll`: also bring it to the upper edge
 */
export function focusLater(id, { scroll = false } = {}) {
  afterDrawing(() => {
    const element = document.getElementById(id);
    if (scroll) element?.scrollIntoView();
    element?.focus({ preventScroll: scroll });
  });
}
