/** Who did something, as the office calls them: the record knows keys, people know names. */
import { get, Problem } from "./api.js";

/** @type {Map<string, string>} */
let names = new Map();

/** Ask for the names; call it beside asking for what they stand in. */
export async function learnCallers() {
  try {
    const { callers } = await get("/v1/callers");
    names = new Map(callers.map((/** @type {{actor: string, name: string}} */ one) => [one.actor, one.name]));
  } catch (error) {
    if (!(error instanceof Problem)) throw error; // without names there are the keys' ids
  }
}

/** What stands for an actor of the record: a key's name, or the part of the service. @param {string} actor */
export function calledOf(actor) {
  return (
    names.get(actor) ??
    actor
      .replace(/^key:/, "钥匙 ")
      .replace(/^operator:.*/, "管理员")
      .replace(/^demo$/, "演示数据")
  );
}
