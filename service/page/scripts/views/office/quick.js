/** 承办量 and 抽查样本: reports that are counted at once, with what can be set for them. */
import { draft, keepDraft } from "../../drafts.js";
import { html, live } from "../../html.js";
import { asked } from "../../parts/asked.js";
import { paperButtons } from "../../parts/paper.js";
import { reportTemplate } from "../../parts/report.js";
import { counted, ordered } from "./papers.js";

/**
 * @typedef {object} Setting
 * @property {string} name as the service takes it
 * @property {string} label
 * @property {string} hint
 * @property {"percent" | "whole" | "yes"} form
 * @property {number} [most]
 */

/** @param {import("./view.js").Ground} ground @returns {import("./view.js").Tab} */
export function workload(ground) {
  return tabOf(ground, "workload", [
    {
      name: "above",
      label: "主办超过全部的百分之几要提醒",
      hint: "空着按本单位的规定",
      form: "percent",
      most: 100,
    },
  ]);
}

/** @param {import("./view.js").Ground} ground @returns {import("./view.js").Tab} */
export function inspection(ground) {
  return tabOf(ground, "inspection", [
    {
      name: "share",
      label: "抽百分之几",
      hint: "空着按本单位的规定，没有规定为10%",
      form: "percent",
      most: 100,
    },
    {
      name: "seed",
      label: "种子",
      hint: "同一种子、同样的建议，抽出的样本相同",
      form: "whole",
      most: 2 ** 31,
    },
    { name: "per_unit", label: "每个单位至少一件", hint: "", form: "yes" },
  ]);
}

/** @param {import("./view.js").Ground} ground @param {string} kind @param {Setting[]} settings @returns {import("./view.js").Tab} */
function tabOf({ draw, filter, total }, kind, settings) {
  const report = asked(draw);
  const paper = paperButtons(draw);
  /** @type {Record<string, any>} */
  let values = draft(`office.${kind}`) ?? {};

  const given = () =>
    Object.fromEntries(
      settings.flatMap(({ name, form }) => {
        const value = values[name];
        if (value === undefined || value === "" || value === false) return [];
        return [[name, form === "percent" ? Number(value) / 100 : form === "whole" ? Number(value) : true]];
      }),
    );

  function load() {
    const query = { ...filter(), ...given() };
    const { kind: job, options, filter: chosen } = ordered(kind, filter(), given());
    report.ask({
      now: (signal) => counted(kind, query, total(), signal),
      job: { kind: job, options, filter: chosen },
    });
  }

  /** @param {Setting} setting @param {Event} event */
  function set({ name, form }, event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (!input.checkValidity()) return input.reportValidity();
    values = { ...values, [name]: form === "yes" ? input.checked : input.value };
    keepDraft(`office.${kind}`, values);
    load();
  }

  /** @param {Setting} setting */
  function settingTemplate(setting) {
    const { name, label, hint, form, most } = setting;
    const id = `office-${kind}-${name}`;
    if (form === "yes")
      return html`<label class="check"
        ><input id=${id} type="checkbox" .checked=${live(Boolean(values[name]))} @change=${(/** @type {Event} */ event) => set(setting, event)} />${label}</label
      >`;
    return html`<label
      >${label}
      <input id=${id} type="number" inputmode="decimal" min=${form === "percent" ? "0.1" : "0"} max=${most} step=${form === "percent" ? "0.1" : "1"} .value=${values[name] ?? ""} aria-describedby="${id}-hint" @change=${(/** @type {Event} */ event) => set(setting, event)} /><small id="${id}-hint">${hint}</small></label
    >`;
  }

  return {
    load,
    close() {
      report.close();
      paper.close();
    },
    template:
      () => html`<form class="office-scope no-print" aria-label="设置" @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
        ${settings.map(settingTemplate)}
      </form>
      ${report.template((/** @type {any} */ made) =>
        reportTemplate(made, {
          draw,
          actions: paper.template(made.title, ordered(kind, filter(), given()).paper),
        }),
      )}`,
  };
}
