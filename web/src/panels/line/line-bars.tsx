/**
 * A metric of which no run has a second value: a bar for each run or group, the best first.
 */

import { useMemo } from "react";
import { directionOf } from "@/data/metrics/goal";
import { formatNoun, formatValue } from "@/data/text/format";
import { BarPlot } from "../bar/bar-plot";
import { inOrder } from "../bar/options";
import { useGoal } from "../over-runs/use-goal";
import type { PanelProps } from "../panel-props";
import type { SingleValue } from "./curves/single-values";

interface LineBarsProps {
  readonly of: PanelProps;
  readonly title: string;
  /** The same object while nothing changes. */
  readonly values: readonly SingleValue[];
}

export default function LineBars({ of: { project, panel }, title, values }: LineBarsProps) {
  const metric = panel.keys[0] ?? "";
  const direction = directionOf(metric, useGoal(project, metric, true));
  const rows = useMemo(() => inOrder(values, "best", direction), [values, direction]);
  return (
    <BarPlot
      title={title}
      rows={rows}
      look="bar"
      factsOf={({ value, nRuns }) => [
        [metric, formatValue(value)],
        ...(nRuns > 1 ? [["of", formatNoun(nRuns, "run")] as const] : []),
      ]}
    />
  );
}
