/** Fields for the values of a condition, with those that runs have offered, the most frequent first. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { columnValuesQuery } from "@/api/runs/groups";
import type { ProjectRef } from "@/api/types";
import { type ConditionWord, typedValue } from "@/data/filter/builder";
import { numberLabels } from "@/data/filter/number-labels";
import { isMissing } from "@/data/filter/tree";
import { kindOfColumn } from "@/data/runs/run-columns";
import { numberOfText } from "@/data/statistics/numeric-texts";
import { formatCount } from "@/data/text/format";
import { withHyphens } from "@/data/text/program-text";
import { Combobox } from "@/ui/fields/combobox";
import { TagsField } from "@/ui/fields/tags-field";
import { useStable } from "@/ui/hooks/use-stable";

const ALL = { filter: "", search: "", isRegex: false };
const AGES = ["24 h", "7 d", "30 d", "90 d"];
const SPANS = ["10m", "1h", "12h", "1d"];

interface ColumnValues {
  readonly values: readonly {
    readonly value: string;
    /** Of a number, shorter. */
    readonly label: string | undefined;
    /** Whether it is a text that reads as something else, such as a number. */
    readonly isQuoted: boolean;
    readonly nRuns: number;
  }[];
  readonly isLoading: boolean;
}

/** Values that runs have in a column, as one types them, with how many runs have each. */
function useValues(project: ProjectRef, column: string, word: ConditionWord): ColumnValues {
  const kind = kindOfColumn(column);
  const isAsked = column !== "" && kind !== "time" && kind !== "seconds";
  const query = useQuery({ ...columnValuesQuery(project, column, ALL), enabled: isAsked });
  const scalars = (query.data ?? []).filter(
    ({ value }) => !isMissing(value) && (typeof value !== "object" || value === null),
  );
  const labels = numberLabels(
    column,
    scalars.map(({ value }) => value),
  );
  const values = scalars.map(({ value, nRuns }) => {
    const typed = typedValue(value, column, word);
    return {
      value: typed,
      label: typeof value === "number" ? labels.get(String(value)) : undefined,
      isQuoted: typeof value === "string" && typed !== value,
      nRuns,
    };
  });
  return { values, isLoading: query.isLoading };
}

interface ValueFieldProps {
  readonly project: ProjectRef;
  readonly column: string;
  readonly word: ConditionWord;
  readonly value: string;
  onValue(value: string): void;
}

interface Offered {
  readonly value: string;
  readonly label?: string | undefined;
}

/** Texts by which a value can be typed: as a condition has it, as it is shown, with the keyboard's minus, and in full. */
function textsOf({ value, label = "" }: Offered): string[] {
  const number = numberOfText(value);
  const texts = [value, withHyphens(label), number === null ? "" : String(number)];
  return texts.map((text) => text.toLowerCase());
}

/**
 * Of an equality, a text that could become one of the values offered is not the condition's value yet: the beginning of a
 * name equals none, and all runs would go. It becomes the value with Enter, or where one leaves the field. Escape takes
 * back all that was typed since, also what held at once.
 */
export function ValueField({ project, column, word, value, onValue }: ValueFieldProps) {
  const { values, isLoading } = useValues(project, column, word);
  const [draft, setDraft] = useState<string | null>(null);
  const [valueBefore, setValueBefore] = useState<string | null>(null);
  const text = draft ?? value;
  const isAge = word === "in last" || word === "older than";
  const kind = kindOfColumn(column);
  const fixed = isAge ? AGES : kind === "seconds" ? SPANS : null;
  const isPattern = word === "matches" || word === "does not match";
  const offered = fixed
    ? fixed.map((text) => ({ value: text }))
    : isPattern
      ? []
      : values.map(({ nRuns, isQuoted, ...offer }) => ({
          ...offer,
          meta: isQuoted ? `text, ${formatCount(nRuns)}` : formatCount(nRuns),
        }));
  const typed = withHyphens(text).toLowerCase();
  // 0.0006 is the number that is offered as 6e-4, and not the beginning of a text
  const isOffered = (next: string) =>
    offered.some(({ value }) => {
      const number = numberOfText(withHyphens(next));
      return value === next || (number !== null && numberOfText(value) === number);
    });
  const isWhole = isOffered(text);
  const begins = (suggestion: Offered) => textsOf(suggestion).some((part) => part.startsWith(typed));
  const fitting = offered.filter(
    (suggestion) => isWhole || textsOf(suggestion).some((part) => part.includes(typed)),
  );
  const isEquality = word === "is" || word === "is not";
  const isDraft = (next: string) =>
    isEquality &&
    next !== "" &&
    !isOffered(next) &&
    (isLoading ||
      offered.some((suggestion) =>
        textsOf(suggestion).some((text) => text.includes(withHyphens(next).toLowerCase())),
      ));
  const set = (next: string) => {
    setDraft(null);
    if (next !== value) onValue(next);
  };
  const keep = useStable(() => {
    if (draft !== null) set(draft);
  });
  const type = (next: string) => {
    setValueBefore(valueBefore ?? value);
    if (isDraft(next)) setDraft(next);
    else set(next);
  };
  const commit = (next: string) => {
    setValueBefore(null);
    set(next);
  };
  const revert = () => {
    setValueBefore(null);
    set(valueBefore ?? value);
  };
  // the values have come, and none of them fits
  const isOver = draft !== null && !isDraft(draft);
  useEffect(() => {
    if (isOver) keep();
  }, [isOver, keep]);
  return (
    <Combobox
      label="Value"
      text={text}
      placeholder={isAge ? "30 d" : kind === "time" ? "2026-11-20" : kind === "seconds" ? "2h" : "value"}
      isMono={isPattern}
      nothing={isPattern ? "A pattern, as ^resnet\\d+" : "Any value can be typed"}
      // as one types, the beginnings first: Enter takes one of them before one that has the text amid it
      suggestions={
        draft === null
          ? fitting
          : [...fitting.filter(begins), ...fitting.filter((suggestion) => !begins(suggestion))]
      }
      marksFirst={draft !== null}
      onText={type}
      onChoose={commit}
      onEnter={() => commit(text)}
      onLeave={() => commit(text)}
      {...(valueBefore !== null && { onGiveUp: revert })}
    />
  );
}

interface ValuesFieldProps {
  readonly project: ProjectRef;
  readonly column: string;
  readonly word: ConditionWord;
  readonly values: readonly string[];
  onValues(values: readonly string[]): void;
}

export function ValuesField({ project, column, word, values, onValues }: ValuesFieldProps) {
  const { values: suggestions } = useValues(project, column, word);
  return (
    <TagsField
      label="Values"
      tags={values}
      suggestions={suggestions.map(({ value }) => value)}
      onChange={onValues}
    />
  );
}
