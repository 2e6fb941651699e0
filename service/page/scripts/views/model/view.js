/** Which model answers, how good it is, what it does not know; comparing two, switching and going back. */
import { download, get, patiently } from "../../api.js";
import { day, moment, number, share } from "../../formats.js";
import { html } from "../../html.js";
import { sayProblem } from "../../messages.js";
import { tableTemplate } from "../../parts/table.js";
import { address } from "../../router.js";
import { comparing } from "./compare.js";
import { switching } from "./switch.js";

/** @param {import("../../router.js").Page} page @returns {import("../../router.js").View} */
export function open(page) {
  const { draw } = page;
  let { parts } = page;
  /** @type {any} */
  let card = null;
  /** @type {any} */
  let models = null;
  /** @type {string[]} */
  let notices = [];
  /** @type {any} */
  let other = null;
  /** @type {{units: string[], topics: string[]} | null} */
  let known = null;
  let trouble = "";
  const left = new AbortController();
  const change = switching(load, draw);
  const comparison = comparing(change.to, draw);

  /** What a path of the service says, as soon as the service can be reached. @param {string} path
   * @param {Parameters<typeof get>[1]} [options] */
  const asked = (path, options) => patiently(() => get(path, options), left.signal);

  /** Which model answers now; tells whether it is the one in use. */
  async function load() {
    try {
      const [model, all, catalogue] = await Promise.all([
        asked("/v1/model"),
        asked("/v1/models"),
        asked("/v1/catalogue"),
      ]);
      [card, models, notices, trouble] = [model, all, catalogue.notices, ""];
      await one();
    } catch (error) {
      if (left.signal.aborted) return false;
      trouble = /** @type {any} */ (error).message;
    }
    draw();
    return models?.in_use === models?.answers;
  }

  async function one() {
    const [name] = parts;
    const found = name ? await asked(`/v1/models/${encodeURIComponent(name)}`) : null;
    if (name === parts[0]) other = found; // else the clerk went on meanwhile
  }

  async function list() {
    if (known) return;
    const [units, topics] = await Promise.all([
      asked("/v1/units", { query: { limit: 2000 } }),
      asked("/v1/topics"),
    ]);
    known = {
      units: units.units.map((/** @type {any} */ unit) => unit.unit),
      topics: topics.topics.map((/** @type {any} */ topic) => topic.path.join(" › ")),
    };
    draw();
  }

  void load();
  return {
    template: () => html`<h1>模型</h1>
      ${trouble ? html`<p class="trouble" role="alert">${trouble}</p>` : ""}
      ${
        card && models
          ? html`${answeringTemplate(card, models, notices, known, list)} ${other ? otherTemplate(other) : ""}
          ${learnTemplate()} ${
            models.registry
              ? html`${bundlesTemplate(models, comparison, change)} ${comparison.template(models)} ${stepsTemplate(models.history, draw)}`
              : aloneTemplate()
          }`
          : trouble
            ? ""
            : html`<p class="starting">正在读取……</p>`
      }`,
    close: () => {
      left.abort();
      comparison.close();
      change.close();
    },
    moved(next) {
      parts = next.parts;
      one().then(draw, (error) => {
        trouble = error.message;
        draw();
      });
      return true;
    },
  };
}

/** @param {any} card @param {any} models @param {string[]} notices @param {any} known @param {() => Promise<void>} list */
function answeringTemplate(card, models, notices, known, list) {
  const late = models.in_use && models.in_use !== models.answers;
  return html`<section class="card">
    <h2>正在作答的模型：${nameOf(models.answers)}</h2>
    ${late ? html`<p class="line" role="status">正在换成 ${nameOf(models.in_use)}，几秒到一分钟。</p>` : ""}
    ${models.trouble ? html`<p class="trouble" role="alert">换不过去，仍由现在的作答。原因在服务的日志里（${models.trouble}），请找管理员。</p>` : ""}
    ${factsTemplate(card)}
    ${
      notices.length
        ? html`<h3>和现行目录对不上的</h3>
          ${notices.map((notice) => html`<p>${notice}</p>`)}`
        : html`<p>模型的单位和现行目录一致。</p>`
    }
    <details @toggle=${() => void list().catch(sayProblem)}>
      <summary>它能给出哪些单位和类别</summary>
      ${
        known
          ? html`<h3>可以交办的单位（${number(known.units.length)}个）</h3>
            <p>${known.units.join("、")}</p>
            <h3>类别（${number(known.topics.length)}个）</h3>
            <p>${known.topics.join("、") || "没有类别"}</p>`
          : html`<p>正在读取……</p>`
      }
    </details>
  </section>`;
}

/** What a card says, in plain words. @param {any} card */
function factsTemplate(card) {
  const { lead, promise } = card;
  const unseen = lead.unseen_cases ?? 0;
  const [first, last] = card.dates ?? [];
  const facts = [
    ["什么时候训练的", moment(card.trained)],
    [
      "学过多少",
      card.cases_used
        ? `${number(card.cases_used)}件往年案件${first ? `（${day(first)}到${day(last)}）` : ""}，${number(card.duty_phrases)}条职责`
        : `没有学过往年案件，只知道${number(card.duty_phrases)}条职责`,
    ],
    ["认得多少", `${number(card.units)}个单位，${number(card.topics)}个类别`],
    ...(unseen
      ? [
          [
            "第一个单位对的",
            `${share(lead.top_1)}（在${number(unseen)}件没学过的案件上；前三个里有对的${share(lead.top_3)}，前五个里${share(lead.top_5)}）`,
          ],
          [
            "怎么考的",
            lead.later_cases
              ? `用较早的案件学，用较晚的${number(lead.later_cases)}件考`
              : "轮流留出一部分案件不学，拿来考",
          ],
          ["说的把握准不准", `说的百分数和实际平均差${(lead.calibration_error * 100).toFixed(1)}个百分点`],
        ]
      : [["第一个单位对的", "还不知道：没有往年案件可以考它"]]),
    ["“建议交办”的承诺", promiseWords(promise, lead, unseen)],
    [
      "退单风险",
      card.returns?.learned
        ? `从${number(card.returns.recorded)}件退单记录里学的`
        : "没有从退单里学过，按首选单位不对的可能估计",
    ],
    ["怎么比文字", card.encoder ? "按意思和字词一起比" : "只按字词比，没有装句子编码器"],
  ];
  const doubts = [
    card.units_without_duties ? `${number(card.units_without_duties)}个单位没有职责，只能靠往年案件认` : "",
    card.unknown_names?.length ? `不认得的单位名称：${card.unknown_names.slice(0, 20).join("、")}` : "",
    card.spellings?.length
      ? `可能是同一个单位的几种写法：${card.spellings
          .slice(0, 10)
          .map((/** @type {string[]} */ names) => names.join("＝"))
          .join("；")}`
      : "",
  ].filter(Boolean);
  return html`<dl class="admin-facts">
      ${facts.map(([term, told]) => html`<dt>${term}</dt><dd>${told}</dd>`)}
    </dl>
    ${doubts.length ? html`<h3>训练时留意到的</h3><ul>${doubts.map((one) => html`<li>${one}</li>`)}</ul>` : ""}`;
}

/** @param {{accuracy: number, proven: boolean, coverage: number}} promise @param {any} lead @param {number} unseen */
function promiseWords({ accuracy, proven, coverage }, lead, unseen) {
  const asked = `说“建议交办”的，第一个单位要有${share(accuracy)}是对的。`;
  if (!proven)
    return `${asked}${unseen ? `在${number(unseen)}件没学过的案件上还做不到` : "没有往年案件可以证明"}，所以只说“请选择”和“先协调”。往年案件多了，请再训练一次。`;
  return `${asked}已在${number(unseen)}件没学过的案件上证明：${share(coverage)}的件能说“建议交办”，其中${share(lead.suggest_accuracy)}是对的。`;
}

/** A bundle's name without its digest. @param {string} bundle */
export function nameOf(bundle) {
  return bundle.split("@")[0] || "（没有）";
}

/** @param {any} models @param {ReturnType<typeof comparing>} comparison @param {ReturnType<typeof switching>} change */
function bundlesTemplate(models, comparison, change) {
  return html`<section class="card">
    <h2>全部模型</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="全部模型">
      <table>
        <caption>
          可以换用的模型
        </caption>
        <thead>
          <tr>
            <th scope="col">名称</th>
            <th scope="col">训练时间</th>
            <th scope="col" class="number">学过（件）</th>
            <th scope="col" class="number">单位</th>
            <th scope="col" class="number">第一个对的</th>
            <th scope="col" class="number">前三个有对的</th>
            <th scope="col" class="number">能“建议交办”的</th>
            <th scope="col" class="no-print">操作</th>
          </tr>
        </thead>
        <tbody>
          ${models.models.map(
            (/** @type {any} */ one) => html`<tr>
              <th scope="row"><a href=${address("model", [one.name])}>${one.name}</a>${one.in_use ? html` <span class="tag sure">在用</span>` : ""}</th>
              ${
                one.problem
                  ? html`<td colspan="6">读不了，不能换用。原因：${one.problem}</td>`
                  : html`<td>${moment(one.trained)}</td>
                    <td class="number">${number(one.cases)}</td>
                    <td class="number">${number(one.units)}</td>
                    <td class="number">${share(one.figures.top_1)}</td>
                    <td class="number">${share(one.figures.top_3)}</td>
                    <td class="number">${share(one.figures.suggest_coverage)}</td>`
              }
              <td class="no-print">
                ${
                  one.in_use || one.problem
                    ? ""
                    : html`<button type="button" class="button" ?disabled=${comparison.busy()} @click=${() => comparison.start(nameOf(models.in_use), one.name)}>
                        和在用的比
                      </button>
                      <button type="button" class="button" ?disabled=${change.busy()} @click=${() => change.to(one.name)}>换上</button>`
                }
              </td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="hint">各模型考的不是同一批案件，这些数不能直接比高低；要比，请点“和在用的比”。</p>
    ${
      models.history.some((/** @type {any} */ step) => step.before)
        ? html`<p class="actions"><button type="button" class="button" ?disabled=${change.busy()} @click=${() => change.back()}>退回上一个模型</button></p>`
        : ""
    }
  </section>`;
}

/** @param {any} one */
function otherTemplate(one) {
  return html`<section class="card">
    <h2>模型：${one.name}${one.in_use ? html` <span class="tag sure">在用</span>` : ""}</h2>
    ${one.problem ? html`<p class="trouble">${one.problem}</p>` : factsTemplate(one.card)}
    <p class="actions no-print"><a class="button" href=${address("model")}>收起</a></p>
  </section>`;
}

/** @param {any[]} steps @param {() => void} draw */
function stepsTemplate(steps, draw) {
  const said = (/** @type {any} */ step) =>
    step.forced ? `不顾反对换上：${step.objections_zh.join("；")}` : "";
  return html`<section class="card">
    <h2>换用经过</h2>
    ${tableTemplate({
      title: "换用经过，最近的在前",
      name: "模型换用经过",
      header: ["什么时候", "做了什么", "换成", "原来", "谁", "为什么", "说明"],
      rows: steps.map((step) => [
        moment(step.day),
        step.action === "promote" ? "换上" : "退回",
        step.bundle,
        step.before || "（没有）",
        step.by || "命令行",
        step.reason,
        said(step),
      ]),
      draw,
      empty: "还没有换过模型。",
    })}
  </section>`;
}

function aloneTemplate() {
  return html`<section class="card">
    <h2>换用别的模型</h2>
    <p>服务现在只带着一个模型，换不了。要能比较、换用和退回，请懂电脑的同事把模型放进“模型登记簿”，再让服务指向它：</p>
    <pre>triage models add build/2026-09
triage models promote 2026-09
triage serve --model models --data memory</pre>
</section>`;
}

/** How a new model comes about. */
function learnTemplate() {
  const saved = () =>
    download("GET", "/v1/export/cases", "往年案件.xlsx", { query: { format: "xlsx" } }).catch(sayProblem);
  return html`<section class="card no-print">
    <h2>学一个新模型</h2>
    <p>
      把已经交办的建议存成往年案件表，请懂电脑的同事用它训练：
      <code>triage train 往年案件.xlsx --out build/2026-09</code>。训练好了，先比较，再换上。
    </p>
    <p class="actions"><button type="button" class="button" @click=${saved}>下载往年案件表</button></p>
  </section>`;
}
