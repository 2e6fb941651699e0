/** Dates, numbers and words as an office writes them. */

const NUMBER = new Intl.NumberFormat("zh-CN");

/** 1,234 @param {number} value */
export function number(value) {
  return NUMBER.format(value);
}

/** 2026年3月5日 of 2026-03-05; "" where there is none. @param {string | null | undefined} day */
export function day(day) {
  const parts = /^(\d{4})-(\d{2})-(\d{2})/.exec(day ?? "");
  return parts ? `${Number(parts[1])}年${Number(parts[2])}月${Number(parts[3])}日` : "";
}

/** 3月5日 14:07 of a moment in UTC, in the clerk's own time. @param {string} at */
export function moment(at) {
  const when = new Date(/(Z|[+-]\d\d:\d\d)$/.test(at) ? at : `${at}Z`);
  if (Number.isNaN(when.getTime())) return "";
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const year = when.getFullYear() === new Date().getFullYear() ? "" : `${when.getFullYear()}年`;
  return `${year}${when.getMonth() + 1}月${when.getDate()}日 ${two(when.getHours())}:${two(when.getMinutes())}`;
}

/** A probability in per cent, never 0 % or 100 %: nothing is that sure. @param {number} score */
export function percent(score) {
  if (score < 0.005) return "不到1%";
  if (score > 0.995) return "99%以上";
  return `${Math.round(score * 100)}%`;
}

/** A share that was counted. @param {number | null | undefined} value */
export function share(value) {
  return value === null || value === undefined
    ? "—"
    : `${(value * 100).toFixed(value < 0.0995 && value > 0 ? 1 : 0)}%`;
}

/** 约2分钟 @param {number} seconds */
export function duration(seconds) {
  if (seconds < 60) return `约${Math.max(1, Math.round(seconds))}秒`;
  if (seconds < 3600) return `约${Math.round(seconds / 60)}分钟`;
  return `约${(seconds / 3600).toFixed(1)}小时`;
}

/** How sure, in words, and what to do. Keys are `decision` of an answer. */
export const DECISIONS = {
  suggest: { name: "较有把握", short: "建议交办", hint: "看一眼依据，没问题就交办。", tone: "sure" },
  choose: { name: "请从五个中选", short: "请选择", hint: "把握不够，请在前五个单位里选。", tone: "unsure" },
  coordinate: {
    name: "建议会商",
    short: "先协调",
    hint: "两家都沾边，或一件写了几件事，请先商量。",
    tone: "split",
  },
};
export const NO_ADVICE = { name: "还没有建议", short: "未分析", hint: "还没有分析过。", tone: "none" };

/** The words for an answer's decision. @param {string | null | undefined} decision */
export function decisionWords(decision) {
  return DECISIONS[/** @type {keyof typeof DECISIONS} */ (decision ?? "")] ?? NO_ADVICE;
}

export const STATES = { open: "待交办", decided: "已交办", closed: "已办结", erased: "已清除" };
export const MODES = { sole: "独办", joint: "会办", split: "分办" };
export const GRADES = { identical: "相同", rewritten: "改写", "same matter": "同一事项", related: "相关" };

/** Several units, as a sheet writes them. @param {string[]} names */
export function listed(names) {
  return names.join("；");
}
