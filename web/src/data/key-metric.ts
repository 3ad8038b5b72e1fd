/**
 * The one number that tells how a run is doing, where nobody has said which: a guess from the names.
 */

/** A summary's number by its dotted key. */
export interface KeyMetric {
  readonly key: string;
  readonly value: number;
}

/** Better guesses first. */
const LIKELY = [
  /^(val|valid|validation|eval|test)[/_.].*(loss|acc|iou|f1|auc|score|error|wer|bleu)/i,
  /^(val|valid|validation|eval|test)[/_.]/i,
  /(loss|reward|acc|score)/i,
];

/** The key metric of a nested summary, or null when it has no number. */
export function keyMetricOf(summary: Readonly<Record<string, unknown>>): KeyMetric | null {
  const numbers = [...numbersOf(summary, "")].filter(({ key }) => !/^(_|system\.)/.test(key));
  for (const pattern of LIKELY) {
    const found = numbers.find(({ key }) => pattern.test(key));
    if (found) return found;
  }
  return numbers[0] ?? null;
}

function* numbersOf(part: Readonly<Record<string, unknown>>, prefix: string): Generator<KeyMetric> {
  for (const [name, value] of Object.entries(part)) {
    if (typeof value === "number") yield { key: prefix + name, value };
    else if (value !== null && typeof value === "object" && !Array.isArray(value) && !("_type" in value))
      yield* numbersOf(value as Record<string, unknown>, `${prefix}${name}.`);
  }
}
