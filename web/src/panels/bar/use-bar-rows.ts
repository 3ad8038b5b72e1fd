/**
 * One number of a metric for each shown run, or for each group, in the order of bars. Of a result that was set and not
 * logged, the value that was set.
 */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useGroupColors } from "@/api/colors/use-group-colors";
import { type FigureOfRuns, figuresQuery } from "@/api/metrics/metric-figures";
import type { BarRow } from "@/charts/bar/bar-layout";
import { directionOf } from "@/data/metrics/goal";
import { colorOfGroup, groupValuesOf } from "@/data/runs/color";
import { groupIdText } from "@/data/runs/group-name";
import { noneHas } from "@/data/text/counted";
import type { Whisker } from "@/data/view/settings";
import { type PanelState, stateOf } from "../frame/panel-frame";
import { type GroupFigure, groupFigures } from "../over-runs/group-rows";
import { useGoal } from "../over-runs/use-goal";
import { useRunRows, type ValuedRun } from "../over-runs/use-run-rows";
import type { PanelProps } from "../panel-props";
import { type barOptions, inOrder } from "./options";

const NO_VALUES: ReadonlyMap<string, number> = new Map();
const NO_GROUPS: readonly GroupFigure[] = [];

/** `n`: its runs. */
export type BarFact = BarRow & { readonly n: number };

export function useBarRows(
  props: PanelProps,
  metric: string,
  {
    figure,
    order,
    whisker,
  }: Pick<ReturnType<typeof barOptions>, "order"> & {
    readonly figure: FigureOfRuns;
    readonly whisker: Whisker;
  },
  isOn: boolean,
) {
  const { project, runs, runIds, settings } = props;
  const by = settings.groupBy ?? props.groupBy;
  const isGrouped = by.length > 0;
  const figures = useQuery({
    ...figuresQuery(project, runIds, metric, figure),
    enabled: isOn && metric !== "" && runIds.length > 0,
  });
  const goal = useGoal(project, metric, isOn && order === "best");
  const isSet = figures.data?.size === 0 && !figures.isPlaceholderData;
  const result = `summary.${metric}`;
  const columnsOfRuns = isSet ? [...by, result] : by;
  const { rows: valued, query: columns } = useRunRows(
    props,
    columnsOfRuns,
    "shown",
    isOn && (isGrouped || isSet),
  );
  const valuesByRun = useMemo(
    () => (isSet ? finiteValues(valued, result) : (figures.data ?? NO_VALUES)),
    [figures.data, valued, isSet, result],
  );
  const grouped = useMemo(() => {
    if (!isGrouped) return NO_GROUPS;
    const members = valued.flatMap((run) => {
      const value = valuesByRun.get(run.id);
      const groupValues = by.map((column) => groupValuesOf(run, column));
      return value === undefined ? [] : [{ id: run.id, groupValues, value }];
    });
    return groupFigures(members, settings.center, whisker);
  }, [valued, valuesByRun, by, isGrouped, settings.center, whisker]);
  const groupIds = useMemo(() => grouped.map(({ id }) => id), [grouped]);
  const colors = useGroupColors(project, by, groupIds, props.groupColors);
  const rows = useMemo(() => {
    const facts: BarFact[] = isGrouped
      ? grouped.map((group) => ({
          ...group,
          name: groupIdText(group.id),
          color: colorOfGroup(colors, group.id),
        }))
      : runs.flatMap(({ id, name, color }) => {
          const value = valuesByRun.get(id);
          return value === undefined
            ? []
            : [{ id, name, color, value, low: null, high: null, n: 1, numbers: [value] }];
        });
    return inOrder(facts, order, directionOf(metric, goal));
  }, [valuesByRun, runs, grouped, isGrouped, colors, order, metric, goal]);
  return { rows, by, needsColumns: isGrouped || isSet, isGrouped, goal, figures, columns };
}

/** The state of a panel of such rows, of so many runs. */
export function stateOfBars(
  { rows, needsColumns, figures, columns }: ReturnType<typeof useBarRows>,
  metric: string,
  nRuns: number,
): PanelState {
  if (needsColumns && columns.isError && !columns.data) return stateOf(columns, null);
  const areColumnsThere = columns.data !== undefined && !columns.isPlaceholderData;
  const isEmpty = rows.length === 0 && (!needsColumns || areColumnsThere);
  if (figures.data && rows.length === 0 && !isEmpty) return { is: "waiting" };
  return stateOf(
    figures,
    isEmpty ? `${noneHas(nRuns, "run", "shown")} a finite number for ${metric}.` : null,
  );
}

function finiteValues(runs: readonly ValuedRun[], column: string): ReadonlyMap<string, number> {
  return new Map(
    runs.flatMap(({ id, values }) => {
      const value = values[column];
      return typeof value === "number" && Number.isFinite(value) ? [[id, value] as const] : [];
    }),
  );
}
