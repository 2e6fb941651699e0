/** The page as a whole: who is signed in, which view is shown, and whether the service can be reached. */
import { call, listen, Problem } from "./api.js";
import { follow, unfollow } from "./changes.js";
import { html, render } from "./html.js";
import { rememberKeys, setUpKeys } from "./keys.js";
import { forgetMessages, messagesTemplate, say, sayProblem, setUpMessages, undo } from "./messages.js";
import * as outbox from "./outbox.js";
import { address, go, read, VIEWS } from "./router.js";
import { may, me, resume, signOut } from "./session.js";
import { signInTemplate } from "./sign-in.js";
import { answerTabs } from "./tabs.js";

/** @typedef {import("./router.js").View} View @typedef {import("./router.js").Name} Name */

const root = /** @type {HTMLElement} */ (document.getElementById("page"));
/** @type {{name: Name, view: View | null}} */
let shown = { name: "one", view: null };
let reached = true;
let asked = false;
let drawn = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let knocking;

/** Draw once before the next frame, however often it is asked for. */
function draw() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    if (!drawn) root.replaceChildren(); // what index.html says until the scripts are there
    drawn = true;
    render(pageTemplate(), root);
  });
}

function pageTemplate() {
  if (!me()) return html`${lineTemplate()}${signInTemplate(signedIn, draw)}${messagesTemplate()}`;
  return html`
    <a class="skip" href="#main" @click=${toMain}>跳到正文</a>
    <header class="top">
      <a class="brand" href=${address("one")}>建议分办</a>
      <nav aria-label="主要页面">${names().map(tabTemplate)}</nav>
      <span class="who">${me()?.name ?? ""}</span>
      ${me()?.memory ? html`<button type="button" class="link" @click=${leave}>退出</button>` : ""}
    </header>
    ${lineTemplate()}
    <main id="main" tabindex="-1" class="view-${shown.name}">
      ${shown.view ? shown.view.template() : html`<p class="starting">正在打开……</p>`}
    </main>
    ${messagesTemplate()}
  `;
}

/** The views that this key may use. */
function names() {
  const known = me();
  return /** @type {Name[]} */ (Object.keys(VIEWS)).filter((name) => {
    const { right, memory } = VIEWS[name];
    return (!right || may(right)) && (!memory || known?.memory);
  });
}

/** @param {Name} name @param {number} place */
function tabTemplate(name, place) {
  return html`<a
    href=${address(name)}
    aria-current=${shown.name === name ? "page" : "false"}
    title="Alt+${place + 1}"
    >${VIEWS[name].title}</a
  >`;
}

/** What the clerk must know of the line to the service. */
function lineTemplate() {
  const waits = outbox.waiting();
  const words = waits ? `有${waits}项操作已记下，恢复后自动提交。` : "您写的都还在，恢复后会自动接着来。";
  if (!reached) return html`<p class="line wrong" role="alert">连不上服务，正在重试。${words}</p>`;
  return waits > 3 ? html`<p class="line" role="status">正在提交，还有${waits}项。</p>` : "";
}

/** @param {Event} event */
function toMain(event) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

async function show() {
  const { name, parts, query } = read(location.hash);
  const page = { draw, parts, query };
  if (shown.view && shown.name === name && shown.view.moved?.(page)) return draw();
  rememberKeys(shown.name, shown.view?.shortcuts ?? []);
  shown.view?.close?.();
  if (!names().includes(name)) return elsewhere(name);
  const mine = { name, view: /** @type {View | null} */ (null) };
  shown = mine;
  document.title = `${VIEWS[name].title} · 建议分办`;
  draw();
  try {
    const module = await VIEWS[name].load();
    if (shown !== mine) return; // the clerk went elsewhere meanwhile, maybe within the same view
    shown.view = /** @type {any} */ (module).open(page);
  } catch (error) {
    sayProblem(error instanceof TypeError ? new Error("这个页面没有取到。请检查网络后刷新。") : error);
  }
  draw();
}

/** A link to what this key may not open. @param {Name} name */
function elsewhere(name) {
  const { title, right } = VIEWS[name];
  const why =
    right && !may(right) ? "这把钥匙不能用这一页，请向管理员要一把。" : "本服务没有接数据库，没有这一页。";
  say(`打不开“${title}”：${why}`, { tone: "note" });
  shown = { name: "one", view: null };
  location.replace(address("one"));
}

function signedIn() {
  forgetMessages();
  if (me()?.memory) follow();
  outbox.resume((label, problem) =>
    problem ? say(`没有办成：${label}。${problem.message}`, { tone: "wrong" }) : say(`已补办：${label}`),
  );
  void show();
}

function leave() {
  shown.view?.close?.();
  shown = { name: "one", view: null };
  unfollow();
  signOut();
  forgetMessages();
  draw();
}

/** @param {boolean} state */
function tellReached(state) {
  if (state === reached) return;
  reached = state;
  if (state) outbox.retry();
  else knock();
  draw();
}

/** Ask whether the service is back, until it is. */
function knock() {
  clearTimeout(knocking);
  knocking = setTimeout(() => {
    call("GET", "/v1/health").catch(() => knock());
  }, 2000);
}

/** Keys that hold everywhere; a view's own come first. */
function shortcuts() {
  if (!me()) return [];
  const tabs = names().map((name, place) => ({
    key: `Alt+${place + 1}`,
    label: VIEWS[name].title,
    run: () => go(name),
  }));
  const everywhere = [
    { key: "Ctrl+z", label: "撤销上一步", run: () => void undo() },
    { key: "F1", label: "帮助", run: () => go("help", shown.name === "help" ? [] : [shown.name]) },
  ];
  return [...(shown.view?.shortcuts ?? []), ...everywhere, ...tabs];
}

async function start() {
  setUpMessages(draw);
  setUpKeys(shortcuts);
  answerTabs();
  outbox.watch(draw);
  listen({
    reached: tellReached,
    signedOut() {
      if (!me()) return;
      leave();
      say("钥匙已失效，请重新登录。", { tone: "wrong" });
    },
  });
  addEventListener("hashchange", () => me() && void show());
  addEventListener("unhandledrejection", (event) => sayProblem(event.reason));
  await enter();
}

/** Sign in with the key that is known; while the service is away, again and again. */
async function enter() {
  try {
    if (await resume()) return signedIn();
  } catch (error) {
    if (!(error instanceof Problem && error.passing)) sayProblem(error);
    else setTimeout(() => void enter(), 2000);
  }
  draw();
}

void start();
