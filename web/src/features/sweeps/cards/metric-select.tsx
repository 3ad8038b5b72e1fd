/** The metric of several that the charts are about; nothing where there is one. */

import type { Sweep } from "@/api/sweeps/sweeps";
import { Select } from "@/ui/controls/select";

interface MetricSelectProps {
  readonly sweep: Sweep;
  /** The metric's place among those of the sweep. */
  readonly at: number;
  onChange(name: string): void;
}

export function MetricSelect({ sweep: { metrics }, at, onChange }: MetricSelectProps) {
  if (metrics.length < 2) return null;
  return (
    <Select
      label="Metric"
      value={metrics[at]!.name}
      options={metrics.map(({ name }) => ({ value: name, label: name }))}
      isLabelVisible
      isSmall
      onChange={onChange}
    />
  );
}
