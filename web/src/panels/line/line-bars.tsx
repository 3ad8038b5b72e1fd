/** A metric of which no run has a second value: a bar for each run or group, the best first. */

import { useMemo } from "react";
import { directionOf } from "@/data/metrics/goal";
import { formatNoun, formatValue } from "@/data/text/format";
import { BarPlot } from "../bar/bar-plot";
import { inOrder } from "../bar/options";
import { stateOfBars, useBarRows } from "../bar/use-bar-rows";
import { PanelContent } from "../frame/panel-frame";
import { useGoal } from "../over-runs/use-goal";
import type { PanelProps } from "../panel-props";
import type { SingleValue } from "./curves/single-values";

interface LineBarsProps {
  readonly of: PanelProps;
  readonly title: string;
  /** The same object while nothing changes. */
  readonly values: readonly SingleValue[];
}

export function LineBars({ of: { project, panel, isFull }, title, values }: LineBarsProps) {
  const metric = panel.keys[0] ?? "";
  const direction = directionOf(metric, useGoal(project, metric, true));
  const rows = useMemo(() => inOrder(values, "best", direction), [values, direction]);
  return (
    <BarPlot
      title={title}
      rows={rows}
      look="bar"
      isFull={isFull}
      factsOf={({ value, nRuns }) => [
        [metric, formatValue(value)],
        ...(nRuns > 1 ? [["of", formatNoun(nRuns, "run")] as const] : []),
      ]}
    />
  );
}

/** The same for groups with values at several x: the center of their runs' values. */
export function LineGroupBars({ of, title }: Pick<LineBarsProps, "of" | "title">) {
  const metric = of.panel.keys[0] ?? "";
  const bars = useBarRows(of, metric, BEST_FIRST, true);
  return (
    <PanelContent state={stateOfBars(bars, metric, of.runs.length)} name={title}>
      <BarPlot
        title={title}
        rows={bars.rows}
        look="bar"
        isFull={of.isFull}
        factsOf={({ value, n }) => [
          [`${metric}, ${of.settings.center}`, formatValue(value)],
          ["of", formatNoun(n, "run")],
        ]}
      />
    </PanelContent>
  );
}

/** The mean of one value; last values take much longer to read. */
const BEST_FIRST = { figure: "mean", order: "best" } as const;
