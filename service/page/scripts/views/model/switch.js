/** Putting another model into use, if the gate lets it or in spite of it, and the way back. */
import { call, Problem, requestName } from "../../api.js";
import { ask } from "../../dialog.js";
import { html } from "../../html.js";
import { done, say, sayProblem } from "../../messages.js";

const PAUSE = 1500;
const PATIENCE = 90_000;

/** @param {() => Promise<boolean>} load fetches which model answers; true: the one in use does @param {() => void} draw */
export function switching(load, draw) {
  let busy = false;
  let closed = false;

  /** @param {string} path @param {Record<string, any>} body @param {string} said @param {string} undo reason of the way back */
  async function change(path, body, said, undo) {
    busy = true;
    draw();
    try {
      await call("POST", `/v1/models/${path}`, { body, headers: { "Idempotency-Key": requestName() } });
      done(said, async () => {
        await call("POST", "/v1/models/rollback", {
          body: { reason: undo },
          headers: { "Idempotency-Key": requestName() },
        });
        await settle();
      });
      await settle();
    } finally {
      busy = false;
      draw();
    }
  }

  /** Wait until the one in use answers: it is loaded beside the old one. */
  async function settle() {
    const begun = Date.now();
    while (!closed && !(await load()) && Date.now() - begun < PATIENCE)
      await new Promise((resume) => setTimeout(resume, PAUSE));
    if (!closed && Date.now() - begun >= PATIENCE)
      say("还没有换好，服务仍用原来的模型作答。请看服务的日志。", { tone: "wrong" });
  }

  /** @param {string} name @param {Problem} problem */
  async function inSpite(name, problem) {
    const reason = await ask({
      title: `这道关不让换上 ${name}`,
      text: html`<p>原因：</p>
        <ul>
          ${problem.errors.map((one) => html`<li>${one.detail_zh || one.detail}</li>`)}
          ${problem.errors.length ? "" : html`<li>${problem.message}</li>`}
        </ul>
        <p>仍要换上的，请写明理由；反对意见和理由都会留存，以后可以退回。</p>`,
      yes: "不顾反对，仍然换上",
      danger: true,
      words: { label: "为什么仍要换上", needed: true },
    });
    if (typeof reason !== "string" || !reason) return;
    await change("switch", { name, reason, force: true }, `已换上模型 ${name}`, `撤销：换上${name}`);
  }

  /** @param {string} name */
  async function to(name) {
    const reason = await ask({
      title: `换上模型 ${name}`,
      text: html`<p>先在已经交办、两个模型都没学过的建议上比一比：变差了，或者答不出原来的单位，就不换。换的时候服务不停，正在算的照旧算完。</p>`,
      yes: "换上",
      words: { label: "为什么换", needed: true },
    });
    if (typeof reason !== "string" || !reason) return;
    try {
      await change("switch", { name, reason }, `已换上模型 ${name}`, `撤销：换上${name}`);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "model-refused") return sayProblem(error);
      await inSpite(name, error).catch(sayProblem);
    }
  }

  async function back() {
    const reason = await ask({
      title: "退回上一个模型",
      text: "再退一次，就退到更早的一个。退回的模型会先核对有没有损坏。",
      yes: "退回",
      words: { label: "为什么退回", needed: true },
    });
    if (typeof reason !== "string" || !reason) return;
    busy = true;
    draw();
    try {
      const { data } = await call("POST", "/v1/models/rollback", {
        body: { reason },
        headers: { "Idempotency-Key": requestName() },
      });
      say(`已退回模型 ${data.step.bundle}`);
      await settle();
    } catch (error) {
      sayProblem(error);
    }
    busy = false;
    draw();
  }

  return {
    to: (/** @type {string} */ name) => void to(name),
    back: () => void back(),
    busy: () => busy,
    close() {
      closed = true;
    },
  };
}
