/** 重点督办 and the other papers of the office. Those that compare texts are jobs; all can be had as files. */
import { get } from "../../api.js";
import { html, live } from "../../html.js";
import { asked } from "../../parts/asked.js";
import { paperButtons } from "../../parts/paper.js";
import { reportTemplate } from "../../parts/report.js";

/** @type {Record<string, {title: string, says: string, quick?: boolean}>} */
const PAPERS = {
  supervision: {
    title: "重点督办建议",
    says: "把反映同一事项的建议放在一起，按件数、年份、渠道、涉及面、主办争议和超期计分，列出供领导选定的事项，每分都有理由。",
  },
  vote: { title: "票决候选", says: "按本地规定、涉及面、重复和来源计分，列出可以交代表票决的事项。" },
  yearly: { title: "年度情况", says: "一年的办理情况，成段写好，附表和图。" },
  conflicts: { title: "主办不一与并案", says: "同一事项主办单位不同的，和可以一并答复的，逐件列出提出人。" },
  hot: { title: "热点", says: "许多人反映的事项，与上期相比的增减。" },
  overview: {
    title: "总体情况",
    says: "按来源、类别、单位、方式、层级、属地、办理结果的件数，与上期相比。",
    quick: true,
  },
  targets: { title: "目标领域", says: "本单位期望的领域来了多少件，是哪些。", quick: true },
  workload: { title: "承办量", says: "交办前各单位主办、会办多少件，哪家太多。", quick: true },
  inspection: { title: "抽查", says: "按单位、类别、结果分层抽取的样本，种子相同则样本相同。", quick: true },
};

/**
 * A report as a job on the memory, and as `paperButtons` take it. The period is an option, since what came before is
 * compared with it; the rest is the filter.
 * @param {string} report @param {Record<string, any>} query @param {Record<string, any>} [more] its further options
 */
export function ordered(report, { since, until, ...others }, more = {}) {
  const told = (/** @type {Record<string, any>} */ values) =>
    Object.fromEntries(
      Object.entries(values).filter(
        ([, value]) => value !== "" && value !== null && value !== undefined && value.length !== 0,
      ),
    );
  const options = { ...told({ since, until }), ...told(more) };
  const filter = told(others);
  return {
    kind: "report",
    options: { ...options, report, format: "json" },
    filter,
    paper: { report, filter, options },
  };
}

/** Suggestions up to which each number brings along those that it counts: beyond, that would be megabytes. */
const LINKED = 5000;

/**
 * A report that is counted at once. Of very many suggestions its numbers come alone, and `plain` says so.
 * @param {string} kind @param {Record<string, any>} query @param {number} total in the memory @param {AbortSignal} signal
 */
export async function counted(kind, query, total, signal) {
  let plain = false;
  if (total > LINKED && kind !== "inspection") {
    const { since, until, session, source } = query;
    plain =
      (await get("/v1/statistics", { query: { since, until, session, source }, signal })).total > LINKED;
  }
  const made = await get(`/v1/reports/${kind}`, {
    query: { ...query, ...(plain ? { links: false } : {}) },
    signal,
  });
  return { ...made, plain };
}

/** @param {import("./view.js").Ground} ground @returns {import("./view.js").Tab} */
export function supervision(ground) {
  return paperTab(ground, ["supervision", "vote"]);
}

/** @param {import("./view.js").Ground} ground @returns {import("./view.js").Tab} */
export function every(ground) {
  return paperTab(ground, [
    "yearly",
    "conflicts",
    "hot",
    "overview",
    "targets",
    "workload",
    "inspection",
    "supervision",
    "vote",
  ]);
}

/** @param {import("./view.js").Ground} ground @param {string[]} kinds @returns {import("./view.js").Tab} */
function paperTab({ draw, filter, total }, kinds) {
  let kind = kinds[0];
  const report = asked(draw, {
    doing: "正在分析",
    idle: () =>
      html`<p>${PAPERS[kind].says}</p><p class="hint">要逐件比较文字，件数多时要几分钟；处理时您可以做别的事，结果会留着。</p>`,
  });
  const paper = paperButtons(draw);

  function load() {
    const query = filter();
    const { kind: job, options, filter: chosen } = ordered(kind, query);
    const now = PAPERS[kind].quick
      ? (/** @type {AbortSignal} */ signal) => counted(kind, query, total(), signal)
      : undefined;
    report.ask({ now, job: { kind: job, options, filter: chosen } });
  }

  /** @param {string} next */
  function choose(next) {
    kind = next;
    load();
    draw();
  }

  return {
    load,
    close() {
      report.close();
      paper.close();
    },
    template: () => html`<fieldset class="office-kinds no-print">
        <legend>哪一份</legend>
        ${kinds.map(
          (one) => html`<label class="check"
            ><input type="radio" name="office-kind" .checked=${live(kind === one)} @change=${() => choose(one)} />${PAPERS[one].title}</label
          >`,
        )}
      </fieldset>
      ${report.template((/** @type {any} */ made) =>
        reportTemplate(made, { draw, actions: paper.template(made.title, ordered(kind, filter()).paper) }),
      )}`,
  };
}
