/**
 * Chooses one metric of the project: what is typed is looked for on the server.
 */

import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { metricSearchQuery } from "@/api/metrics";
import type { ProjectRef } from "@/api/types";
import { formatNoun } from "@/data/format";
import { Combobox } from "@/ui/combobox";

interface MetricFieldProps {
  readonly project: ProjectRef;
  readonly label: string;
  readonly value: string | null;
  readonly placeholder?: string;
  /** Metrics that are numbers, or those that are objects, such as histograms. */
  readonly kind?: "number" | "object";
  onChange(metric: string): void;
}

const OFFERED = 100;

export function MetricField({ project, label, value, placeholder, kind, onChange }: MetricFieldProps) {
  // null: the field shows what is chosen
  const [typed, setTyped] = useState<string | null>(null);
  const search = useDeferredValue(typed ?? "");
  const query = useQuery({
    ...metricSearchQuery(project, search, false, OFFERED),
    enabled: typed !== null,
  });
  const found = (query.data ?? []).filter(
    ({ kinds }) => kind === undefined || kinds.some((k) => (k === "object") === (kind === "object")),
  );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: watches the focus of the field within
    <span className="row grow" onFocus={() => setTyped("")} onBlur={() => setTyped(null)}>
      <Combobox
        label={label}
        text={typed ?? value ?? ""}
        placeholder={value ?? placeholder ?? "Metric"}
        isMono
        isLoading={query.isFetching}
        nothing={`No metric has “${search}” in its name`}
        width="100%"
        suggestions={found.map(({ key, n_runs }) => ({ value: key, meta: formatNoun(n_runs, "run") }))}
        onText={setTyped}
        onChoose={(metric) => {
          setTyped(null);
          onChange(metric);
        }}
      />
    </span>
  );
}
