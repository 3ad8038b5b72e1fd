/** Names of metrics that were typed without the quotes that their letters need. Pure. */

import { tokensOf, typed } from "./expression-text";
import { unfinishedOf } from "./unfinished";

interface BareName {
  readonly word: string;
  /** Where it begins in what was typed. */
  readonly at: number;
  /** The first of its letters that no name has without quotes. */
  readonly letter: string;
}

const QUOTED_OR_WORD = /"(?:[^"\\]|\\.)*"?|[\p{L}_][^\s"(),]*/gsu;
const SIGN = /[-+*%]/;
const NAME_LETTER = /[\p{L}\p{N}_./@]/u;

/** The first word that is a metric's name in quotes only, or has a letter that only names in quotes have. */
export function bareNameIn(text: string, isMetric: (name: string) => boolean): BareName | null {
  for (const { 0: word, index } of text.matchAll(QUOTED_OR_WORD)) {
    if (word.startsWith('"') || typed(word) === word) continue;
    if (isMetric(word) && !isExpression(word, isMetric))
      return { word, at: index, letter: letterOf(word) ?? "" };
    let at = index;
    for (const operand of word.split(SIGN)) {
      const letter = letterOf(operand);
      if (letter !== undefined) return { word: operand, at, letter };
      at += operand.length + 1;
    }
  }
  return null;
}

/** The first letter that needs quotes. */
function letterOf(word: string): string | undefined {
  return [...word].find((letter) => !NAME_LETTER.test(letter));
}

function isExpression(word: string, isMetric: (name: string) => boolean): boolean {
  const tokens = tokensOf(word, isMetric);
  return (
    unfinishedOf(tokens) === null &&
    tokens.every(({ kind, metric }) => (metric === null ? kind !== "other" : isMetric(metric)))
  );
}
