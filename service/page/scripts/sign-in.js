/** Where nobody is signed in: the key is asked for. */
import { html } from "./html.js";
import { signIn } from "./session.js";

let trouble = "";
let busy = false;

/** @param {() => void} done @param {() => void} draw */
export function signInTemplate(done, draw) {
  const enter = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    busy = true;
    trouble = "";
    draw();
    try {
      await signIn(String(form.get("key")), { remember: form.has("remember") });
      done();
    } catch (error) {
      const known = /** @type {any} */ (error);
      trouble =
        known.status === 401 ? "这把钥匙不对，或者已经停用。请核对后再试，或向管理员要一把。" : known.message;
    }
    busy = false;
    draw();
  };
  return html`<main id="main" class="sign-in" tabindex="-1">
    <h1>建议分办</h1>
    <form @submit=${enter}>
      <label class="field"
        >您的钥匙
        <input name="key" type="password" autocomplete="off" required placeholder="tk_" aria-describedby="key-hint" />
      </label>
      <p id="key-hint" class="hint">以 tk_ 开头的一串字符，由管理员发给您。</p>
      <label class="check"><input name="remember" type="checkbox" />在这台电脑上记住（公用电脑请不要选）</label>
      <p class="trouble" role="alert">${trouble}</p>
      <p class="actions"><button class="button primary" ?disabled=${busy}>登录</button></p>
    </form>
  </main>`;
}
