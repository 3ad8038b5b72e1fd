/** Beginnings of sentences about several things, whose verb agrees with their number. Pure. */

import { formatCount, formatNoun } from "./format";

/** `1 of 3 runs has`, `2 of 3 runs have`. */
export function someHave(n: number, total: number, noun: string): string {
  return `${formatCount(n)} of ${formatNoun(total, noun)} ${haveFor(n)}`;
}

/** The verb of so many things. */
export function haveFor(n: number): "has" | "have" {
  return n === 1 ? "has" : "have";
}

/** `None of the first 3 runs has`; of one: `The first run does not have`. */
export function noneHas(n: number, noun: string, of: "all" | "shown" | "first" = "all"): string {
  const first = of === "first" ? "first " : "";
  const shown = of === "shown" ? " shown" : "";
  if (n === 1) return `The ${first}${noun}${shown} does not have`;
  return `None of ${of === "all" ? "" : "the "}${first}${formatNoun(n, noun)}${shown} has`;
}
