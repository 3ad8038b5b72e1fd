/** A metric of which no run has a second value: a bar for each run or group, the best first. */

import { useMemo } from "react";
import { directionOf } from "@/data/metrics/goal";
import { formatNoun, formatValue } from "@/data/text/format";
import type { Whisker } from "@/data/view/settings";
import { BarPlot } from "../bar/bar-plot";
import { inOrder } from "../bar/options";
import { stateOfBars, useBarRows } from "../bar/use-bar-rows";
import { whiskerFacts } from "../bar/whisker-facts";
import { PanelContent } from "../frame/panel-frame";
import { useGoal } from "../over-runs/use-goal";
import type { PanelProps } from "../panel-props";
import type { SingleValue } from "./curves/single-values";

interface LineBarsProps {
  readonly of: PanelProps;
  readonly title: string;
  /** The same object while nothing changes. */
  readonly values: readonly SingleValue[];
  /** The whiskers of groups: the band that curves of them have. */
  readonly band: Whisker;
}

export function LineBars({ of: { project, panel, isFull }, title, values, band }: LineBarsProps) {
  const metric = panel.keys[0] ?? "";
  const direction = directionOf(metric, useGoal(project, metric, true));
  const rows = useMemo(() => inOrder(values, "best", direction), [values, direction]);
  return (
    <BarPlot
      title={title}
      rows={rows}
      look="bar"
      isFull={isFull}
      factsOf={({ value, low, high, nRuns }) => [
        [metric, formatValue(value)],
        ...whiskerFacts(band, low, high),
        ...(nRuns > 1 ? [["of", formatNoun(nRuns, "run")] as const] : []),
      ]}
    />
  );
}

interface LastBarsProps extends Pick<LineBarsProps, "of" | "title" | "band"> {
  /** A few runs have several values, of which the last finite one counts. */
  readonly hasMore: boolean;
}

/** The same of values that are not in the curves: groups with values at several x, and the last ones of runs with several. */
export function LineLastBars({ of, title, hasMore, band }: LastBarsProps) {
  const metric = of.panel.keys[0] ?? "";
  const bars = useBarRows(of, metric, { ...(hasMore ? LAST : ONLY), whisker: band }, true);
  return (
    <PanelContent state={stateOfBars(bars, metric, of.runs.length)} name={title}>
      <BarPlot
        title={title}
        rows={bars.rows}
        look="bar"
        isFull={of.isFull}
        factsOf={({ value, low, high, n }) =>
          bars.isGrouped
            ? [
                [`${metric}, ${of.settings.center}`, formatValue(value)],
                ...whiskerFacts(band, low, high),
                ["of", formatNoun(n, "run")],
              ]
            : [[metric, formatValue(value)]]
        }
      />
    </PanelContent>
  );
}

/** The mean of one value; last values take much longer to read. */
const ONLY = { figure: "mean", order: "best" } as const;
const LAST = { figure: "lastFinite", order: "best" } as const;
