/** Why a line panel has no curve, in words. Pure. */

import type { MissingSeries } from "@/data/curves/columns";
import { NO_POINTS } from "@/data/curves/main-axis";
import { someHave } from "@/data/text/counted";
import { formatNoun } from "@/data/text/format";
import { LACKS_X } from "./without-x";

/** The server's reasons, as far as they are said in other words here: `services/charting/reasons.py`. */
const LACKS_METRIC = /^the run has no metric /;
const NOT_NUMBERS = "its values are no numbers";
/** More reasons of an expression's runs are not listed. */
const MOST_REASONS = 2;

export interface EmptyWords {
  readonly say: string;
  /** Steps as x would show something. */
  readonly isForX: boolean;
}

interface EmptyLine {
  /** Curves over the whole range. */
  readonly missing: readonly MissingSeries[];
  readonly runs: readonly { readonly id: string }[];
  /** Of the panel. */
  readonly name: string;
  /** Of expressions, or over one: the server's reasons say it all. */
  readonly isComputed: boolean;
}

export function emptyWords({ missing, runs, name, isComputed }: EmptyLine): EmptyWords {
  const shown = new Set(runs.map(({ id }) => id));
  const ofShown = missing.filter(({ run }) => shown.has(run));
  const n = countRuns(ofShown) || runs.length;
  const runsHave = (few: readonly MissingSeries[]) => someHave(countRuns(few), n, "run");
  if (isComputed) return expressionWords(ofShown, n, name);

  const withoutX = ofShown.filter(({ reason }) => LACKS_X.test(reason));
  if (withoutX.length > 0)
    return { say: `${runsHave(withoutX)} ${name}, but no ${axisOf(withoutX)}.`, isForX: true };
  const apart = ofShown.filter(({ reason, axisMetric }) => reason === NO_POINTS && axisMetric !== "");
  if (apart.length > 0)
    return { say: `${runsHave(apart)} ${name} and ${axisOf(apart)}, but no point with both.`, isForX: true };
  const texts = ofShown.filter(({ reason }) => reason === NOT_NUMBERS);
  if (texts.length > 0) return { say: `${runsHave(texts)} ${name}, but no number in it.`, isForX: false };
  const others = ofShown.filter(({ reason }) => !LACKS_METRIC.test(reason));
  if (others.length > 0) return expressionWords(others, n, name);
  if (runs.length === 1) return { say: `The run shown has not logged ${name}.`, isForX: false };
  const subject = n < runs.length ? `the first ${formatNoun(n, "run")}` : `the ${formatNoun(n, "run")} shown`;
  return { say: `None of ${subject} has logged ${name}.`, isForX: false };
}

/** Each reason with how many runs have it, the most frequent first. */
function expressionWords(missing: readonly MissingSeries[], n: number, name: string): EmptyWords {
  const reasons = [...new Set(missing.map(({ reason }) => reason))]
    .map((reason) => ({ reason, few: missing.filter((series) => series.reason === reason) }))
    .map(({ reason, few }) => ({ reason, few, k: countRuns(few) }))
    .sort((a, b) => b.k - a.k)
    .slice(0, MOST_REASONS)
    .map(({ reason, few, k }) => {
      const words = reason === NO_POINTS ? `no points over ${axisOf(few)}` : reason;
      return k === n ? words : `${words} (${k} of ${formatNoun(n, "run")})`;
    });
  return {
    say: reasons.length > 0 ? `${name}: ${reasons.join("; ")}.` : `${name} has no points.`,
    isForX: missing.some(({ reason, axisMetric }) => reason === NO_POINTS && axisMetric !== ""),
  };
}

function countRuns(missing: readonly MissingSeries[]): number {
  return new Set(missing.map(({ run }) => run)).size;
}

/** The metrics that were to be x. */
function axisOf(missing: readonly MissingSeries[]): string {
  const names = new Set(missing.flatMap(({ axisMetric }) => axisMetric || []));
  return names.size > 0 ? [...names].join(" or ") : "this x axis";
}
