/**
 * Fields for the values of a condition, with those that runs have offered, the most frequent first.
 */

import { useQuery } from "@tanstack/react-query";
import { columnValuesQuery } from "@/api/runs/groups";
import type { ProjectRef } from "@/api/types";
import type { ConditionWord } from "@/data/filter/builder";
import { isMissing } from "@/data/filter/tree";
import { kindOfColumn } from "@/data/runs/run-columns";
import { formatCount } from "@/data/text/format";
import { Combobox } from "@/ui/fields/combobox";
import { TagsField } from "@/ui/fields/tags-field";

const ALL = { filter: "", search: "", isRegex: false };
const AGES = ["24 h", "7 d", "30 d", "90 d"];
const SPANS = ["10m", "1h", "12h", "1d"];

/** Values that runs have in a column, as one types them, with how many runs have each. */
function useValues(project: ProjectRef, column: string): readonly { value: string; nRuns: number }[] {
  const kind = kindOfColumn(column);
  const isAsked = column !== "" && kind !== "time" && kind !== "seconds";
  const query = useQuery({ ...columnValuesQuery(project, column, ALL), enabled: isAsked });
  return (query.data ?? [])
    .filter(({ value }) => !isMissing(value) && (typeof value !== "object" || value === null))
    .map(({ value, nRuns }) => ({ value: String(value), nRuns }));
}

interface ValueFieldProps {
  readonly project: ProjectRef;
  readonly column: string;
  readonly word: ConditionWord;
  readonly value: string;
  onValue(value: string): void;
}

export function ValueField({ project, column, word, value, onValue }: ValueFieldProps) {
  const values = useValues(project, column);
  const isAge = word === "in last" || word === "older than";
  const kind = kindOfColumn(column);
  const fixed = isAge ? AGES : kind === "seconds" ? SPANS : null;
  const isPattern = word === "matches" || word === "does not match";
  const offered = fixed
    ? fixed.map((text) => ({ value: text }))
    : isPattern
      ? []
      : values.map(({ value: text, nRuns }) => ({ value: text, meta: formatCount(nRuns) }));
  const typed = value.toLowerCase();
  const isWhole = offered.some((suggestion) => suggestion.value === value);
  return (
    <Combobox
      label="Value"
      text={value}
      placeholder={isAge ? "30 d" : kind === "time" ? "2026-11-20" : kind === "seconds" ? "2h" : "value"}
      isMono={isPattern}
      nothing={isPattern ? "A pattern, as ^resnet\\d+" : "Any value can be typed"}
      suggestions={offered.filter((suggestion) => isWhole || suggestion.value.toLowerCase().includes(typed))}
      onText={onValue}
      onChoose={onValue}
    />
  );
}

interface ValuesFieldProps {
  readonly project: ProjectRef;
  readonly column: string;
  readonly values: readonly string[];
  onValues(values: readonly string[]): void;
}

export function ValuesField({ project, column, values, onValues }: ValuesFieldProps) {
  const suggestions = useValues(project, column);
  return (
    <TagsField
      label="Values"
      tags={values}
      suggestions={suggestions.map(({ value }) => value)}
      onChange={onValues}
    />
  );
}
