/**
 * Chooses one metric of the project, as a column field chooses a column.
 */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { metricSearchQuery } from "@/api/metrics/metrics";
import type { ProjectRef } from "@/api/types";
import { formatNoun } from "@/data/text/format";
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
/** So many are asked for, and those of most runs offered. */
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
  const needle = search.toLowerCase();
  const matches = (query.data ?? [])
    .filter(({ key }) => key.toLowerCase().includes(needle) && !without.includes(key))
    .filter(
      ({ kinds }) =>
        kind === undefined || kinds.some((valueKind) => (valueKind === "object") === (kind === "object")),
    )
    .sort((a, b) => b.n_runs - a.n_runs || Number(isCalled(b.key)) - Number(isCalled(a.key)));
  function isCalled(key: string): boolean {
    return key.toLowerCase() === needle;
  }
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
