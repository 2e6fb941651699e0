/** 并案 and 同事不同办: texts on one matter looked at together, and one lead decided for all of them at once. */
import { get } from "../../api.js";
import { draft, keepDraft } from "../../drafts.js";
import { number } from "../../formats.js";
import { html, live, repeat } from "../../html.js";
import { resultOf } from "../../jobs.js";
import { done, say, sayProblem } from "../../messages.js";
import { asked } from "../../parts/asked.js";
import { excelOf } from "../../parts/table.js";
import { address, go } from "../../router.js";
import { may } from "../../session.js";
import { asWanted, decideAll } from "../list/decide.js";
import { findings } from "./apart.js";
import { matterCard } from "./matter.js";
import { ofConflict, ofProposal, proposed, settled, tableOf, titleOf } from "./matters.js";
import { precedents } from "./pairs.js";
import { standing } from "./rows.js";

/** @typedef {import("./matters.js").Matter} Matter @typedef {import("./matters.js").Choice} Choice */

const SHOWN = 5;
const MORE = 10;
const FILTERS = [
  "batch",
  "source",
  "session",
  "topic",
  "unit",
  "advised_unit",
  "advised_topic",
  "zone",
  "since",
  "until",
  "q",
];
const STATES_OF = { active: ["open", "decided"], open: ["open"], all: [] };
const SCOPES = { active: "还没有办结的", open: "只看待交办的", all: "全部登记的" };
const TABS = {
  merges: {
    title: "并案",
    path: "/v1/groups",
    kind: "groups",
    of: ofProposal,
    name: "proposals",
    doing: "正在比较各件",
  },
  conflicts: {
    title: "同事不同办",
    path: "/v1/conflicts",
    kind: "conflicts",
    of: ofConflict,
    name: "conflicts",
    doing: "正在核对主办单位",
  },
};
const NOTHING = {
  merges: "没有可以并案的。不同的人反映同一事项时，这里把它们放在一组，写明每一位提出人，供您统一交办。",
  conflicts: "没有主办不一致的。同一事项分给了、或将要分给不同单位时，这里把双方并排列出，供会前统一。",
};

/** @param {import("../../router.js").Page} page @returns {import("../../router.js").View} */
export function open(page) {
  const { draw } = page;
  let query = page.query;
  let tab = tabOf(page);
  let shown = SHOWN;
  const rows = standing(draw);
  const found = asked(draw, { doing: "正在比较各件" });
  const before = precedents(draw);
  /** @type {Map<string, ReturnType<typeof matterCard>>} */
  const cards = new Map();
  /** @type {Record<string, Partial<Choice>>} */
  let choices = draft("groups.choices") ?? {};
  const apart = findings(draw);
  /** @type {Map<string, import("../list/decide.js").Failure[]>} */
  const failures = new Map();
  /** @type {Set<string>} */
  const busy = new Set();

  const scope = () =>
    /** @type {keyof typeof SCOPES} */ (
      Object.hasOwn(SCOPES, query.get("state") ?? "") ? query.get("state") : "active"
    );

  function load() {
    void apart.load();
    const { path, kind, of, name } = TABS[tab];
    const given = FILTERS.filter((one) => query.get(one)).map((one) => [one, query.getAll(one)]);
    const filter = Object.fromEntries([
      ...given.map(([one, values]) => [one, single(String(one), /** @type {string[]} */ (values))]),
      ["state", STATES_OF[scope()]],
    ]);
    const shape = (/** @type {any[]} */ items, /** @type {number | null} */ texts) => {
      const matters = items.map(of);
      rows.show(matters.flatMap(({ members }) => members.map(({ id }) => id)));
      return { matters, texts };
    };
    found.ask({
      now: async (signal) => {
        const told = await get(path, { query: filter, signal });
        return shape(told[name], told.texts);
      },
      job: { kind, filter: Object.fromEntries(Object.entries(filter).filter(([, value]) => value.length)) },
      read: async (id) => shape(await resultOf(id), null),
      auto: true,
    });
  }

  const matters = () => /** @type {Matter[]} */ (found.data()?.matters ?? []);
  const together = () => matters().filter((matter) => !apart.holds(matter));
  const pending = () => together().filter((matter) => !settled(matter, rows.row));

  /** @param {Matter} matter @returns {Choice} */
  const choiceOf = (matter) => ({ ...proposed(matter, rows.row), ...choices[matter.key] });

  /** @param {Matter} matter @param {Partial<Choice>} change */
  function choose({ key }, change) {
    choices = { ...choices, [key]: { ...choices[key], ...change } };
    keepDraft("groups.choices", choices);
    draw();
  }

  /** @param {Matter} matter */
  function cardOf(matter) {
    let card = cards.get(matter.key);
    if (!card) {
      card = matterCard({
        key: matter.key,
        draw,
        choose: (change) => choose(matter, change),
        onEnter: () => void decide(matter),
      });
      cards.set(matter.key, card);
    }
    return card;
  }

  /** @param {Matter} matter */
  async function decide(matter) {
    const rest = await cardOf(matter).settled();
    const choice = choiceOf(matter);
    const some = matter.members
      .filter(({ id }) => !choice.apart.includes(id))
      .flatMap(({ id }) => rows.row(id) ?? []);
    if (busy.has(matter.key)) return;
    if (rest) return say(`“${rest}”还不是单位，请从候选里选一个，或清掉。`, { tone: "wrong" });
    if (!some.length || !choice.lead.length)
      return say(some.length ? "请先写主办单位。" : "请至少勾选一件。", { tone: "note" });
    const next = nextOf(matter);
    busy.add(matter.key);
    draw();
    const decisions = some.map((row) => asWanted(row, choice));
    const { failures: refused, made } = await decideAll(decisions, {
      label: `统一交办给${choice.lead.join("、")}`,
      store: rows,
    });
    busy.delete(matter.key);
    failures.set(matter.key, refused);
    if (made.length && !refused.length) {
      const { [matter.key]: _, ...others } = choices;
      choices = others;
      keepDraft("groups.choices", choices);
      focusSoon(next);
    }
    draw();
  }

  /** @param {Matter} matter */
  async function leave(matter) {
    const next = nextOf(matter);
    busy.add(matter.key);
    draw();
    try {
      const finding = await apart.find(matter);
      const label = matter.kind === "group" ? "不并案" : "不统一";
      done(`${label}：${titleOf(matter.members[0])}`, () => putBack(finding));
      focusSoon(next);
    } catch (error) {
      sayProblem(error);
    }
    busy.delete(matter.key);
    draw();
  }

  /** What is not among those that were compared has to be compared again. @param {import("./apart.js").Finding} finding */
  async function putBack(finding) {
    await apart.withdraw(finding);
    if (matters().some((matter) => apart.isOf(finding, matter))) draw();
    else load();
  }

  /** @param {Matter} matter */
  function nextOf(matter) {
    const all = pending();
    const at = all.indexOf(matter);
    return all[at + 1] ?? all[at - 1];
  }

  /** @param {Matter | undefined} matter */
  function focusSoon(matter) {
    draw();
    requestAnimationFrame(() => (matter ? cardOf(matter).focus() : document.getElementById("main")?.focus()));
  }

  /** The group that the clerk is in, else the first one. */
  function current() {
    const key = document.activeElement?.closest(".groups-matter")?.getAttribute("data-key");
    return pending().find((matter) => matter.key === key) ?? pending()[0];
  }

  /** @param {(matter: Matter) => void} act */
  const onCurrent = (act) => () => {
    const matter = current();
    if (matter) act(matter);
  };
  const forward = () => {
    const matter = current();
    const inside = document.activeElement?.closest(".groups-matter");
    const next = matter && inside ? nextOf(matter) : matter;
    if (next && pending().indexOf(next) >= shown) shown += MORE;
    focusSoon(next);
  };

  /** @param {keyof typeof TABS} one */
  function tabTemplate(one) {
    const kept = query.toString();
    const path = address("groups", one === "merges" ? [] : [one]);
    return html`<a href="${path}${kept ? `?${kept}` : ""}" aria-current=${tab === one ? "page" : "false"}>${TABS[one].title}</a>`;
  }

  /** @param {Event} event */
  function chooseScope(event) {
    const state = /** @type {HTMLSelectElement} */ (event.target).value;
    const next = Object.fromEntries([...query, ["state", state === "active" ? "" : state]]);
    go("groups", tab === "merges" ? [] : [tab], next);
  }

  /** @param {Matter} matter @param {number} place */
  function matterTemplate(matter, place) {
    return cardOf(matter).template(matter, {
      place: place + 1,
      row: rows.row,
      choice: choiceOf(matter),
      choose: (change) => choose(matter, change),
      decide: () => void decide(matter),
      leave: () => void leave(matter),
      busy: busy.has(matter.key),
      failures: failures.get(matter.key) ?? [],
      precedents: before.template(matter.members[0].id),
    });
  }

  /** @param {{matters: Matter[], texts: number | null}} told */
  function listTemplate({ matters: all, texts }) {
    if (!all.length) return html`<p class="empty">${texts === 0 ? "这个范围里没有建议。" : NOTHING[tab]}</p>`;
    const waiting = pending();
    const some = together();
    const over = some.filter((matter) => !waiting.includes(matter));
    const title = TABS[tab].title;
    return html`<p role="status">
        ${texts === null ? "" : `比较了${number(texts)}件，`}共${number(some.length)}组${over.length ? `，已处理${number(over.length)}组，还有${number(waiting.length)}组` : ""}。
      </p>
      <p class="actions no-print">
        <button type="button" class="button" @click=${() => void excelOf(title, [tableOf(title, some, rows.row)])}>下载 Excel</button>
      </p>
      ${waiting.length ? "" : html`<p class="empty">都处理完了。</p>`}
      ${repeat(
        waiting.slice(0, shown),
        (matter) => matter.key,
        (matter) => matterTemplate(matter, all.indexOf(matter)),
      )}
      ${
        waiting.length > shown
          ? html`<p class="actions"><button type="button" class="button" @click=${() => {
              shown += MORE;
              draw();
            }}>再显示${Math.min(MORE, waiting.length - shown)}组（还有${number(waiting.length - shown)}组）</button></p>`
          : ""
      }
      ${
        over.length
          ? html`<details class="card">
            <summary>已处理的${number(over.length)}组</summary>
            <ul>${over.map((matter) => overTemplate(matter, all.indexOf(matter)))}</ul>
          </details>`
          : ""
      }`;
  }

  /** @param {Matter} matter @param {number} place */
  function overTemplate(matter, place) {
    const lead = rows.row(matter.members[0].id)?.lead.join("、");
    return html`<li>
      第${place + 1}组：${titleOf(matter.members[0])}，${matter.members.map(({ id }) => html`<a href=${address("one", [id])}>${id}</a> `)}统一由${lead}主办
    </li>`;
  }

  load();
  return {
    template: () => html`<h1>并案与不一致</h1>
      <nav class="office-tabs no-print" aria-label="看什么">${Object.keys(TABS).map((one) => tabTemplate(/** @type {keyof typeof TABS} */ (one)))}</nav>
      <h2 class="visually-hidden">${TABS[tab].title}</h2>
      <form class="office-scope no-print" aria-label="范围" @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
        <label
          >范围
          <select id="groups-scope" @change=${chooseScope}>
            ${Object.entries(SCOPES).map(([value, words]) => html`<option value=${value} .selected=${live(scope() === value)}>${words}</option>`)}
          </select></label
        >
        ${query.get("batch") ? html`<span>只看这一批。<a href=${address("groups", tab === "merges" ? [] : [tab])}>看全部</a></span>` : ""}
      </form>
      ${found.template(listTemplate)}
      ${apart.template(tab === "merges" ? "merge" : "lead", (finding) => void putBack(finding).catch(sayProblem))}`,
    shortcuts: may("decide")
      ? [
          { key: "F2", label: "统一交办这一组", run: onCurrent((matter) => void decide(matter)) },
          { key: "Ctrl+Enter", label: "统一交办这一组", run: onCurrent((matter) => void decide(matter)) },
          { key: "F4", label: "改这一组的主办单位", run: onCurrent((matter) => cardOf(matter).focusLead()) },
          { key: "F8", label: "下一组", run: forward },
          { key: "F9", label: "写理由", run: onCurrent((matter) => cardOf(matter).focusReason()) },
        ]
      : [{ key: "F8", label: "下一组", run: forward }],
    moved: (next) => {
      query = next.query;
      tab = tabOf(next);
      shown = SHOWN;
      load();
      draw();
      return true;
    },
    close: () => {
      found.close();
      rows.close();
    },
  };
}

/** @param {import("../../router.js").Page} page @returns {keyof typeof TABS} */
function tabOf({ parts }) {
  return parts[0] === "conflicts" ? "conflicts" : "merges";
}

/** Days and words stand alone, the others may be several. @param {string} name @param {string[]} values */
function single(name, values) {
  return ["since", "until", "q"].includes(name) ? values[0] : values;
}
