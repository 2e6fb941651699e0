/** Merges (并案) and matters with several leads, in one shape: texts that should be looked at together. */
import { day, listed, percent } from "../../formats.js";

/** @typedef {import("../list/rows.js").Row} Row */
/**
 * @typedef {object} Member one text
 * @property {string} id
 * @property {string} title
 * @property {string} text
 * @property {string} source
 * @property {string} date
 * @property {string[]} proposers
 * @property {boolean} confidential
 * @property {number | null} probability that it is on the matter of the representative; null: not told
 * @property {any} evidence what it shares with the representative, and in what it differs
 */
/**
 * @typedef {object} Matter
 * @property {string} key
 * @property {"group" | "conflict"} kind
 * @property {Member[]} members the representative first
 * @property {string} words the library's own line for the clerk
 * @property {number} score of the weakest pair
 * @property {{leads: string[], ids: string[]}[]} sides texts by their leads; empty for a group
 * @property {string[]} usual leads that most of them, or the last decided of them, have
 */
/** @typedef {{lead: string[], co: string[], reason: string, apart: string[]}} Choice `apart`: ids that stay by themselves */

/** @param {any} proposal of `GET /v1/groups` @returns {Matter} */
export function ofProposal({ representative, members, score, note }) {
  return {
    key: `g.${representative}.${members.length}`,
    kind: "group",
    members,
    words: note,
    score,
    sides: [],
    usual: [],
  };
}

/** @param {any} item of `GET /v1/conflicts` @returns {Matter} */
export function ofConflict({ holdings, majority, latest, score, text }) {
  const members = holdings.flatMap((/** @type {any} */ side) =>
    side.members.map((/** @type {any} */ one) => ({
      ...one,
      text: "",
      proposers: [],
      probability: null,
      evidence: null,
      confidential: !one.title,
    })),
  );
  const sides = holdings.map((/** @type {any} */ { leads, members: some }) => ({
    leads,
    ids: some.map((/** @type {any} */ one) => one.id),
  }));
  const ids = members.map((/** @type {any} */ one) => one.id);
  return {
    key: `c.${[...ids].sort()[0]}.${ids.length}`,
    kind: "conflict",
    members,
    words: text,
    score,
    sides,
    usual: latest.length ? latest : majority,
  };
}

/** Whether all of them have one lead by a decision that holds. @param {Matter} matter @param {(id: string) => Row | undefined} row */
export function settled({ members }, row) {
  const leads = members
    .map(({ id }) => row(id))
    .map((one) => (one && one.state !== "open" ? [...one.lead].sort().join("\n") : ""));
  return leads[0] !== "" && leads.every((lead) => lead === leads[0]);
}

/** What is proposed before the clerk chooses. @param {Matter} matter @param {(id: string) => Row | undefined} row @returns {Choice} */
export function proposed(matter, row) {
  const rows = matter.members.map(({ id }) => row(id));
  const decided = commonest(rows.map((one) => (one && one.state !== "open" ? one.lead : [])));
  const advised = commonest(rows.map((one) => one?.advice?.leads ?? []));
  const lead = decided.length ? decided : matter.usual.length ? matter.usual : advised;
  const with_ =
    rows.find((one) => one?.lead.join() === lead.join()) ??
    rows.find((one) => one?.advice?.leads.join() === lead.join());
  const co = (with_?.lead.join() === lead.join() ? with_?.co : with_?.advice?.co) ?? [];
  const apart = matter.members.map(({ id }) => id).filter((id) => row(id) && row(id)?.state !== "open");
  const [first] = matter.members;
  const reason =
    matter.kind === "group"
      ? `并案办理（代表件${first.id}，共${matter.members.length}件），分别答复`
      : "同一事项，统一主办单位";
  return { lead, co: co.filter((unit) => !lead.includes(unit)), reason, apart };
}

/** @param {string[][]} lists @returns {string[]} the list that stands there most often; of equals the first */
function commonest(lists) {
  const counts = new Map();
  for (const list of lists)
    if (list.length) counts.set(list.join("\n"), (counts.get(list.join("\n")) ?? 0) + 1);
  const [best] = [...counts].sort(([, one], [, other]) => other - one);
  return best ? best[0].split("\n") : [];
}

/** Everybody who raised it, by name: nobody is dropped. @param {Matter} matter @param {(id: string) => Row | undefined} row */
export function proposersTold({ members }, row) {
  /** @type {Map<string, string[]>} */
  const named = new Map();
  const unnamed = [];
  for (const { id, source, proposers } of members) {
    const people = row(id)?.proposers ?? proposers;
    if (people.length)
      named.set(source, [...(named.get(source) ?? []), ...people.map((one) => `${one}（${id}）`)]);
    else unnamed.push(id);
  }
  const told = [...named].map(([source, people]) => `${source || "来源未注明"}：${people.join("、")}`);
  if (unnamed.length) told.push(`${listed(unnamed)}没有登记提出人，请补登`);
  return `提出人：${told.join("；")}。一并办理时，每位提出人仍各收到自己的答复，各件原文都保留。`;
}

/** The title of a text, or what stands for it. @param {{title: string, confidential: boolean, text?: string}} one */
export function titleOf({ title, confidential, text = "" }) {
  return title || (confidential ? "（不公开）" : text.slice(0, 40) || "（无标题）");
}

/** All groups as one table. @param {string} title @param {Matter[]} matters @param {(id: string) => Row | undefined} row */
export function tableOf(title, matters, row) {
  const rows = matters.flatMap((matter, place) =>
    matter.members.map((member, order) => {
      const now = row(member.id);
      const likely = member.probability === null ? "" : order ? percent(member.probability) : "代表件";
      const people = (now?.proposers ?? member.proposers).join("；");
      const lead = now?.lead.length ? listed(now.lead) : "";
      const advised = listed(now?.advice?.leads ?? []);
      return [
        place + 1,
        member.id,
        titleOf(member),
        member.source,
        day(member.date),
        people,
        likely,
        lead,
        listed(now?.co ?? []),
        advised,
      ];
    }),
  );
  const header = [
    "组",
    "编号",
    "标题",
    "来源",
    "日期",
    "提出人",
    "把握",
    "主办单位",
    "会办单位",
    "建议的主办",
  ];
  return { title, header, rows, note: "并案办理的，应当分别答复每一位提出人。" };
}
