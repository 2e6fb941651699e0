/** What clerks found: texts that are no one matter (不并), and leads that may differ (不统一). It holds for everybody. */
import { call, get, Problem, post } from "../../api.js";
import { moment } from "../../formats.js";
import { html } from "../../html.js";
import { sayProblem } from "../../messages.js";
import { address } from "../../router.js";
import { may } from "../../session.js";

/** @typedef {import("./matters.js").Matter} Matter */
/** @typedef {{number: number, kind: "merge" | "lead", suggestions: string[], by: string, at: string}} Finding */

const MOST = 500;
const PAGE = 200;
const PAGES = 5;
const WORDS = { merge: "不并", lead: "不统一" };

/** Ids of the texts that a finding can name. @param {Matter} matter */
const idsOf = ({ members }) => members.slice(0, MOST).map(({ id }) => id);

/** @param {() => void} draw draws the view anew */
export function findings(draw) {
  /** @type {Finding[]} */
  let known = [];

  /** Read what holds now. */
  async function load() {
    /** @type {Finding[]} */
    const found = [];
    /** @type {string | null} */
    let cursor = "";
    try {
      for (let page = 0; page < PAGES && cursor !== null; page += 1) {
        /** @type {{findings: Finding[], next: string | null}} */
        const told = await get("/v1/apart", { query: { limit: PAGE, cursor } });
        found.push(...told.findings);
        cursor = told.next;
      }
      known = found;
      draw();
    } catch (error) {
      sayProblem(error);
    }
  }

  /** Whether it says so of this matter. @param {Finding} finding @param {Matter} matter */
  function isOf({ kind, suggestions }, matter) {
    const named = new Set(suggestions);
    return (kind === "merge" || matter.kind === "conflict") && idsOf(matter).every((id) => named.has(id));
  }

  /** Keep that its texts are no one matter, or that their leads may differ. @param {Matter} matter @returns {Promise<Finding>} */
  async function find(matter) {
    const kind = matter.kind === "group" ? "merge" : "lead";
    const made = await post("/v1/apart", { kind, suggestions: idsOf(matter) });
    known = [made, ...known.filter(({ number }) => number !== made.number)];
    return made;
  }

  /** @param {Finding} finding */
  async function withdraw({ number }) {
    try {
      await call("DELETE", `/v1/apart/${number}`);
    } catch (error) {
      if (!(error instanceof Problem && error.status === 404)) throw error; // 404: somebody else did
    }
    known = known.filter((one) => one.number !== number);
  }

  /** @param {Finding} finding @param {(finding: Finding) => void} putBack */
  function findingTemplate(finding, putBack) {
    const { kind, suggestions, by, at } = finding;
    return html`<li>
      ${suggestions.map((id) => html`<a href=${address("one", [id])}>${id}</a> `)}${by}于${moment(at)}认定${WORDS[kind]}
      ${may("decide") ? html`<button type="button" class="link" @click=${() => putBack(finding)}>放回去</button>` : ""}
    </li>`;
  }

  return {
    load,
    find,
    withdraw,
    isOf,
    /** Whether somebody found so. @param {Matter} matter */
    holds: (matter) => known.some((finding) => isOf(finding, matter)),

    /** All of one kind. @param {Finding["kind"]} kind @param {(finding: Finding) => void} putBack */
    template(kind, putBack) {
      const some = known.filter((finding) => finding.kind === kind);
      return some.length
        ? html`<details class="card">
            <summary>认定${WORDS[kind]}的${some.length}组</summary>
            <p class="hint">大家都不再看到这些组。放回去以后，重新比较时会再提出。</p>
            <ul>${some.map((finding) => findingTemplate(finding, putBack))}</ul>
          </details>`
        : "";
    },
  };
}
