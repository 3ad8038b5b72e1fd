/** A part of a filter as a sentence: `tags has none of archived`. */

import { sentenceOf } from "@/data/filter/builder";
import { type FilterTree, filterText } from "@/data/filter/tree";
import { labelOf, scopeOf } from "@/data/table/columns";

function wordsOf(part: FilterTree) {
  const { column, word, rest } = sentenceOf(part);
  return { name: scopeOf(column) === "run" ? column : labelOf(column).label, word, rest };
}

export function partSentence(part: FilterTree): string {
  const { name, word, rest } = wordsOf(part);
  return [name, word, rest].join(" ").trim();
}

export function PartWords({ part }: { part: FilterTree }) {
  const { name, word, rest } = wordsOf(part);
  return (
    <span title={filterText(part)}>
      {name && `${name} `}
      <b>{word}</b> {rest}
    </span>
  );
}
