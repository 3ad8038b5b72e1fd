/** Guesses from a metric's name: whether a project is after it, and whether it only counts. Pure. */

/** Names of key metrics; better guesses first. */
export const LIKELY = [
  /^(val|valid|validation|eval|test|dev)[-/_.].*(loss|acc|iou|f1|auc|map|score|error|wer|cer|mse|mae|bleu|rouge)/i,
  /^(val|valid|validation|eval|test|dev)[-/_.]/i,
  /(loss|reward|return|acc|score)/i,
];

const COUNTER = /(?:^|\/)(?:(?:global|train|trainer)_)?(?:epochs?|steps?|iter(?:ation)?s?)$/i;

/** Whether a metric counts steps: its curve is a straight line, and its last value the length of a run. */
export function isCounter(metric: string): boolean {
  return COUNTER.test(metric);
}

/** Rank of a metric by its name: 0 is the likeliest key metric, counters come last. */
export function likelihoodRank(metric: string): number {
  if (isCounter(metric)) return LIKELY.length + 1;
  const likely = LIKELY.findIndex((pattern) => pattern.test(metric));
  return likely < 0 ? LIKELY.length : likely;
}
