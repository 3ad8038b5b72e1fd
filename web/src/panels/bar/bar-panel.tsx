/**
 * The bar panel: one number of a metric for each run, or for each group: a bar with a whisker, a box or a violin.
 */

import { memo, useMemo } from "react";
import { boxOf } from "@/charts/bar/distribution";
import { orderNote } from "@/data/metrics/goal";
import { formatValue } from "@/data/text/format";
import { panelNames } from "@/data/view/panel-names";
import { BAND_TITLES } from "@/data/view/setting-titles";
import { whiskerOf } from "@/data/view/settings";
import { PanelFrame, type PanelState, staleOf, usePanelBox } from "../frame/panel-frame";
import type { PanelProps } from "../panel-props";
import { BarPlot } from "./bar-plot";
import { barOptions } from "./options";
import { type BarFact, stateOfBars, useBarRows } from "./use-bar-rows";
import { rangeText, whiskerFacts } from "./whisker-facts";

export const BarPanel = memo(function BarPanel(props: PanelProps) {
  const { panel, runs, settings } = props;
  const box = usePanelBox(props.isFull);
  const { isOn } = box;
  const options = useMemo(() => barOptions(panel), [panel]);
  const metric = panel.keys[0] ?? "";
  const whisker = whiskerOf(settings.band);
  const bars = useBarRows(props, metric, { ...options, whisker }, isOn);
  const { rows, by, isGrouped, goal, figures } = bars;

  const look = isGrouped ? options.look : "bar";
  const { short } = panelNames(panel);
  const title = isGrouped && panel.title === null ? `${short} by ${by.map(lastPart).join(", ")}` : short;
  const word = options.figure === "latest" ? "" : options.figure;
  return (
    <PanelFrame
      of={props}
      box={box}
      title={title}
      metric={metric}
      notes={[
        word,
        options.order === "best" ? orderNote(metric, goal) : "",
        ...(isGrouped
          ? [settings.center, look === "bar" && whisker !== "none" ? BAND_TITLES[whisker] : ""]
          : []),
      ]}
      state={stateFor()}
      stale={staleOf(figures)}
    >
      <BarPlot title={title} rows={rows} look={look} isFull={props.isFull} factsOf={factsOf} />
    </PanelFrame>
  );

  function factsOf(row: BarFact): (readonly [string, string])[] {
    const figure = `${metric} ${options.figure}`;
    if (!isGrouped) return [[figure, formatValue(row.value)]];
    const facts: (readonly [string, string])[] = [[`${figure}, ${settings.center}`, formatValue(row.value)]];
    if (look !== "bar") {
      const { q1, median, q3 } = boxOf(row.numbers);
      if (settings.center !== "median") facts.push(["median", formatValue(median)]);
      facts.push(["middle half", rangeText(q1, q3)]);
      facts.push(["min–max", rangeText(Math.min(...row.numbers), Math.max(...row.numbers))]);
    } else facts.push(...whiskerFacts(whisker, row.low, row.high));
    facts.push(["runs", String(row.n)]);
    return facts;
  }

  function stateFor(): PanelState {
    if (metric === "") return { is: "empty", say: "Choose a metric in the settings." };
    if (runs.length === 0) return { is: "empty", say: "No run is shown." };
    return stateOfBars(bars, metric, runs.length);
  }
});

/** `config.model.backbone` is `backbone`: the groups' names say the rest. */
function lastPart(column: string): string {
  return column.slice(column.lastIndexOf(".") + 1);
}
