/**
 * Chooses one metric of the project, as a column field chooses a column.
 */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { metricSearchQuery } from "@/api/metrics/metrics";
import type { ProjectRef } from "@/api/types";
import { formatNoun } from "@/data/text/format";
import { findWords, wordRank } from "@/data/text/words";
import { ChoiceField } from "@/ui/fields/choice-field";
import { useSettled } from "@/ui/hooks/use-settled";

interface MetricFieldProps {
  readonly project: ProjectRef;
  readonly label: string;
  readonly value: string | null;
  readonly placeholder?: string;
  /** Metrics that are numbers, or those that are objects, such as histograms. */
  readonly kind?: "number" | "object";
  readonly autoFocus?: boolean;
  /** Not offered. */
  readonly without?: readonly string[];
  onChange(metric: string): void;
}

const OFFERED = 60;
/** So many are asked for, and the likeliest offered. */
const ASKED = 300;

export function MetricField({
  project,
  label,
  value,
  placeholder = "Metric",
  kind,
  autoFocus,
  without = [],
  onChange,
}: MetricFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const search = (typed ?? "").trim();
  const settled = useSettled(search);
  const query = useQuery(metricSearchQuery(project, settled, false, ASKED));
  const fitting = (query.data ?? []).filter(({ key }) => findWords(key, search) !== null);
  const matches = fitting
    .filter(({ key }) => !without.includes(key))
    .filter(
      ({ kinds }) =>
        kind === undefined || kinds.some((valueKind) => (valueKind === "object") === (kind === "object")),
    )
    .sort((a, b) => wordRank(a.key, search) - wordRank(b.key, search) || b.n_runs - a.n_runs);
  return (
    <ChoiceField
      label={label}
      noun="metric"
      chosen={value === null ? null : { name: value }}
      typed={typed}
      isCurrent={query.isSuccess && !query.isPlaceholderData && settled === search}
      error={query.error && `The metrics could not be read: ${query.error.message}`}
      placeholder={placeholder}
      autoFocus={autoFocus}
      choices={matches.slice(0, OFFERED).map(({ key, n_runs }) => ({
        value: key,
        name: key,
        meta: formatNoun(n_runs, "run"),
      }))}
      onType={setTyped}
      onChoose={onChange}
    />
  );
}
