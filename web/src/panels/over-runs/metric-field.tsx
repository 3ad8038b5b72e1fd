/** Chooses one metric of the project, as a column field chooses a column. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { metricSearchQuery } from "@/api/metrics/metrics";
import type { ProjectRef } from "@/api/types";
import { byFit, metricRank } from "@/data/metrics/find-metrics";
import { formatNoun } from "@/data/text/format";
import { findWords } from "@/data/text/words";
import { ChoiceField } from "@/ui/fields/choice-field";
import { useSettled } from "@/ui/hooks/use-settled";
import { useAimedMetrics } from "./use-goal";

interface MetricFieldProps {
  readonly project: ProjectRef;
  readonly label: string;
  readonly value: string | null;
  readonly placeholder?: string;
  /** Metrics that are numbers, or those that are objects, such as histograms. */
  readonly kind?: "number" | "object";
  readonly autoFocus?: boolean;
  /** Listed last, as used. */
  readonly used?: readonly string[];
  onChange(metric: string): void;
}

const OFFERED = 60;
/** So many are asked for, and the likeliest offered. */
const ASKED = 300;

export function MetricField(props: MetricFieldProps) {
  const { project, label, value, placeholder = "Metric", kind, autoFocus, used = [], onChange } = props;
  const [typed, setTyped] = useState<string | null>(null);
  const search = (typed ?? "").trim();
  const settled = useSettled(search);
  const query = useQuery(metricSearchQuery(project, settled, false, ASKED));
  const fitting = (query.data ?? []).filter(({ key }) => findWords(key, search) !== null);
  const aimed = useAimedMetrics(project);
  const matches = fitting
    .filter(
      ({ kinds }) =>
        kind === undefined || kinds.some((valueKind) => (valueKind === "object") === (kind === "object")),
    )
    .map(({ key, n_runs }) => ({
      key,
      rank: metricRank(key, search),
      isAimed: aimed.has(key),
      nRuns: n_runs,
    }))
    .sort(byFit);
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
      choices={matches.slice(0, OFFERED).map(({ key, nRuns }) => ({
        value: key,
        name: key,
        meta: formatNoun(nRuns, "run"),
        isUsed: used.includes(key),
      }))}
      onType={setTyped}
      onChoose={onChange}
    />
  );
}
