/**
 * The bar panel: one number of a metric for each run, or for each group: a bar with a whisker, a box or a violin.
 */

import { useQuery } from "@tanstack/react-query";
import { memo, useMemo } from "react";
import { figuresQuery } from "@/api/metrics/metric-figures";
import type { BarRow } from "@/charts/bar/bar-layout";
import { boxOf } from "@/charts/bar/distribution";
import { directionOf, orderNote } from "@/data/metrics/goal";
import { colorOfGroup, groupColors, listedGroup } from "@/data/runs/color";
import { formatNoun, formatValue } from "@/data/text/format";
import { panelNames } from "@/data/view/panel-names";
import { BAND_TITLES } from "@/data/view/setting-titles";
import { whiskerOf } from "@/data/view/settings";
import { PanelFrame, type PanelState, staleOf, stateOf, usePanelBox } from "../frame/panel-frame";
import { groupFigures } from "../over-runs/group-rows";
import { useGoal } from "../over-runs/use-goal";
import { useRunRows } from "../over-runs/use-run-rows";
import type { PanelProps } from "../panel-props";
import { BarPlot } from "./bar-plot";
import { barOptions, inOrder } from "./options";

type BarFact = BarRow & { readonly n: number };

export const BarPanel = memo(function BarPanel(props: PanelProps) {
  const { project, panel, runs, runIds, settings } = props;
  const box = usePanelBox(props.isFull);
  const { isOn } = box;
  const options = useMemo(() => barOptions(panel), [panel]);
  const metric = panel.keys[0] ?? "";
  const by = settings.groupBy ?? props.groupBy;
  const isGrouped = by.length > 0;
  const figures = useQuery({
    ...figuresQuery(project, runIds, metric, options.figure),
    enabled: isOn && metric !== "" && runIds.length > 0,
  });
  const goal = useGoal(project, metric, isOn && options.order === "best");
  const { rows: valued, query: columns } = useRunRows(props, by, "shown", isOn && isGrouped);
  const whisker = whiskerOf(settings.band);

  const rows = useMemo(() => {
    const valuesByRun = figures.data;
    if (!valuesByRun) return [];
    const grouped = isGrouped
      ? groupFigures(
          valued.flatMap((run) => {
            const value = valuesByRun.get(run.id);
            return value === undefined
              ? []
              : [{ id: run.id, groupValues: by.map((c) => run.values[c]), value }];
          }),
          settings.center,
          whisker,
        )
      : [];
    const colors = groupColors(
      grouped.map(({ values }) => listedGroup(values)),
      props.groupColors,
    );
    const facts: BarFact[] = isGrouped
      ? grouped.map((group) => ({
          ...group,
          name: groupName(group.values),
          color: colorOfGroup(colors, listedGroup(group.values)),
        }))
      : runs.flatMap((run) => {
          const value = valuesByRun.get(run.id);
          return value === undefined
            ? []
            : [
                {
                  id: run.id,
                  name: run.name,
                  color: run.color,
                  value,
                  low: null,
                  high: null,
                  n: 1,
                  numbers: [value],
                },
              ];
        });
    return inOrder(facts, options.order, directionOf(metric, goal));
  }, [
    figures.data,
    valued,
    runs,
    by,
    isGrouped,
    settings.center,
    whisker,
    options.order,
    metric,
    goal,
    props.groupColors,
  ]);

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
      <BarPlot title={title} rows={rows} look={look} factsOf={factsOf} />
    </PanelFrame>
  );

  function factsOf(row: BarFact): [string, string][] {
    const figure = `${metric} ${options.figure}`;
    if (!isGrouped) return [[figure, formatValue(row.value)]];
    const facts: [string, string][] = [[`${figure}, ${settings.center}`, formatValue(row.value)]];
    if (look !== "bar") {
      const { q1, median, q3 } = boxOf(row.numbers);
      if (settings.center !== "median") facts.push(["median", formatValue(median)]);
      facts.push(["middle half", rangeText(q1, q3)]);
      facts.push(["min–max", rangeText(Math.min(...row.numbers), Math.max(...row.numbers))]);
    } else if (row.low !== null && row.high !== null)
      facts.push([BAND_TITLES[whisker], rangeText(row.low, row.high)]);
    facts.push(["runs", String(row.n)]);
    return facts;
  }

  function stateFor(): PanelState {
    if (metric === "") return { is: "empty", say: "Choose a metric in the settings." };
    if (runs.length === 0) return { is: "empty", say: "No run is shown." };
    if (isGrouped && columns.isError && !columns.data) return stateOf(columns, null);
    const isEmpty = rows.length === 0 && (!isGrouped || columns.data !== undefined);
    if (figures.data && rows.length === 0 && !isEmpty) return { is: "waiting" };
    return stateOf(
      figures,
      isEmpty
        ? `None of the ${formatNoun(runs.length, "run")} shown has a finite number for ${metric}.`
        : null,
    );
  }
});

function rangeText(low: number, high: number): string {
  return `${formatValue(low)} – ${formatValue(high)}`;
}

/** `config.model.backbone` is `backbone`: the groups' names say the rest. */
function lastPart(column: string): string {
  return column.slice(column.lastIndexOf(".") + 1);
}

function groupName(values: readonly unknown[]): string {
  return values
    .map((value) => (value === null ? "not set" : typeof value === "string" ? value : JSON.stringify(value)))
    .join(", ");
}
