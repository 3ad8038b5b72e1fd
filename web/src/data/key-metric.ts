/**
 * The one number that tells how a run is doing: a metric with a goal, else a guess from the names. Pure.
 */

import { numberOf, type SummaryDefinition, type SummaryValue, summaryValues } from "./summary";

export interface KeyMetric {
  readonly key: string;
  /** Of `define_metric`, where the summary holds one. */
  readonly aggregate: string | null;
  readonly value: number;
  readonly goal: SummaryValue["goal"];
}

/** Better guesses first. */
const LIKELY = [
  /^(val|valid|validation|eval|test)[/_.].*(loss|acc|iou|f1|auc|score|error|wer|bleu)/i,
  /^(val|valid|validation|eval|test)[/_.]/i,
  /(loss|reward|acc|score)/i,
];

/** The key metric of a run, or null when its summary has no number. */
export function keyMetricOf(
  summary: Readonly<Record<string, unknown>>,
  definitions: readonly SummaryDefinition[],
): KeyMetric | null {
  const numbers = summaryValues(summary, definitions).flatMap(({ value, ...rest }) => {
    const number = numberOf(value);
    return number === null || /^(_|system\.)/.test(rest.key) ? [] : [{ ...rest, value: number }];
  });
  const aimed = numbers.filter(({ goal }) => goal !== null);
  for (const candidates of [aimed, numbers])
    for (const pattern of LIKELY) {
      const found = candidates.find(({ key }) => pattern.test(key));
      if (found) return found;
    }
  return aimed[0] ?? numbers[0] ?? null;
}
