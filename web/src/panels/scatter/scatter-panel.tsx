/** The scatter panel: one column of the runs table against another, a third as colour. */

import { memo, useMemo, useState } from "react";
import { useGroupColors } from "@/api/colors/use-group-colors";
import { fractionOf, valueAxis } from "@/charts/axis/value-axis";
import type { RunHover } from "@/charts/run-pointer";
import { ScatterChart, type ScatterContent } from "@/charts/scatter/scatter";
import { tintLevels } from "@/charts/scatter/scatter-layout";
import { colorOfGroup } from "@/data/runs/color";
import { readNumericTexts } from "@/data/statistics/numeric-texts";
import { columnLabel, distinctLabels } from "@/data/table/columns";
import { firstX } from "@/data/table/varied-parameters";
import { haveFor, someHave } from "@/data/text/counted";
import { formatCount, formatNoun } from "@/data/text/format";
import { groupId } from "@/data/view/view";
import { PanelFrame, type PanelState, staleOf, stateOf, usePanelBox } from "../frame/panel-frame";
import { CanvasPlot } from "../over-runs/canvas-plot";
import { formatCellAmong, isParameter } from "../over-runs/columns";
import { missingText, numericTextNote } from "../over-runs/missing-values";
import { FactTip } from "../over-runs/tip/fact-tip";
import { useResultColumn } from "../over-runs/use-key-column";
import { useRunRows, type ValuedRun } from "../over-runs/use-run-rows";
import { sameParametersText, useVariedParameters } from "../over-runs/use-varied-parameters";
import type { PanelProps } from "../panel-props";
import { Legend } from "../plot/legend";
import { scatterOptions } from "./options";
import { scatterTitle } from "./scatter-titles";
import { useHeldScale } from "./use-held-scale";
import "../over-runs/over-runs.css";

/** The columns of a scatter panel; null: not known yet, or there is none. */
export function useScatterColumns(props: Pick<PanelProps, "project" | "panel">, isOn: boolean) {
  const { project, panel } = props;
  const options = scatterOptions(panel);
  const parameters = useVariedParameters(project, isOn && options.x === null);
  const result = useResultColumn(project, panel.keys[0] ?? null, isOn && options.y === null);
  const x = options.x ?? (parameters && firstX(parameters));
  return {
    x,
    y: options.y ?? result.column,
    tint: options.tint,
    isKnown: result.isKnown,
    hasNoX: x === null && parameters !== null,
  };
}

type HasPlace = (column: string, value: unknown) => boolean;

export const ScatterPanel = memo(function ScatterPanel(props: PanelProps) {
  const { panel, runs } = props;
  const box = usePanelBox(props.isFull);
  const { isOn } = box;
  const options = useMemo(() => scatterOptions(panel), [panel]);
  const { x, y, tint, isKnown, hasNoX } = useScatterColumns(props, isOn);
  const columns = useMemo(() => [...new Set([x, y, tint].flatMap((c) => c ?? []))], [x, y, tint]);
  const {
    query,
    rows: runRows,
    nLeftOut,
  } = useRunRows(props, columns, options.scope, isOn && x !== null && y !== null);
  const numeric = useMemo(() => {
    const ofNumbers = [
      options.xScale === "linear" || options.xScale === "log" ? x : null,
      options.yScale === "linear" || options.yScale === "log" ? y : null,
    ];
    return readNumericTexts(
      runRows,
      columns,
      ofNumbers.filter((column) => column !== null),
    );
  }, [runRows, columns, x, y, options.xScale, options.yScale]);
  const { rows } = numeric;
  const labels = useMemo(() => distinctLabels(columns), [columns]);
  const [hover, setHover] = useState<RunHover | null>(null);

  const levels = useMemo(
    () =>
      tint === null
        ? null
        : tintLevels(
            rows.map((row) => row.values[tint]),
            isParameter(tint),
          ),
    [rows, tint],
  );
  const levelIds = useMemo(() => (levels ?? []).map((level) => groupId([level])), [levels]);
  const tintBy = useMemo(() => (levels === null || tint === null ? null : [tint]), [levels, tint]);
  const colors = useGroupColors(props.project, tintBy, levelIds, props.groupColors);
  const xValues = useMemo(() => rows.map((row) => row.values[x ?? ""]), [rows, x]);
  const yValues = useMemo(() => rows.map((row) => row.values[y ?? ""]), [rows, y]);
  const xScale = useHeldScale(options.xScale, x, xValues);
  const yScale = useHeldScale(options.yScale, y, yValues);
  const content = useMemo<ScatterContent | null>(() => {
    if (x === null || y === null) return null;
    return {
      points: rows.map((row) => ({
        id: row.id,
        name: row.name,
        color: row.color,
        isShown: row.isShown,
        x: row.values[x],
        y: row.values[y],
        tint: tint === null ? undefined : row.values[tint],
      })),
      view: {
        xScale,
        yScale,
        isParameterX: isParameter(x),
        isParameterY: isParameter(y),
        isParameterTint: tint !== null && isParameter(tint),
        levelColors: Object.fromEntries(
          (levels ?? []).map((level) => [level, colorOfGroup(colors, groupId([level]))]),
        ),
        xLabel: labels.get(x)!,
        tintLabel: tint === null ? null : labels.get(tint)!,
        hasFit: options.hasFit,
      },
    };
  }, [rows, labels, x, y, tint, levels, options.hasFit, colors, xScale, yScale]);

  const hasPlace = useMemo<HasPlace>(() => {
    const axes = [
      { column: x, axis: valueAxis(xValues, { choice: xScale, isParameter: x !== null && isParameter(x) }) },
      { column: y, axis: valueAxis(yValues, { choice: yScale, isParameter: y !== null && isParameter(y) }) },
    ];
    return (column, value) =>
      value !== null &&
      value !== undefined &&
      axes.every(
        (other) => other.column !== column || (other.axis && fractionOf(other.axis, value) !== null),
      );
  }, [x, y, xValues, yValues, xScale, yScale]);
  const nBoth =
    x && y ? rows.filter(({ values }) => hasPlace(x, values[x]) && hasPlace(y, values[y])).length : 0;
  const title = scatterTitle(panel, { x, y });
  const legend = (levels ?? []).map((level) => ({
    id: level,
    highlightId: groupId([level]),
    name: level,
    color: colorOfGroup(colors, groupId([level])),
    isDot: true,
  }));
  const hovered = hover ? rows.find((row) => row.id === hover.id) : undefined;
  return (
    <PanelFrame
      of={props}
      box={box}
      title={title}
      notes={[
        nBoth > 0 ? missingText(rows, columns, hasPlace) : "",
        numericTextNote(numeric),
        nLeftOut > 0 ? `${formatNoun(nLeftOut, "run")} left out` : "",
      ]}
      state={stateFor()}
      stale={staleOf(query)}
    >
      {legend.length > 0 && <Legend items={legend} width={box.width} />}
      {content && (
        <CanvasPlot
          label={`${title}: ${formatNoun(nBoth, "run")}`}
          keys="Left and right go from run to run"
          content={content}
          make={(element) => new ScatterChart(element, setHover)}
        />
      )}
      {hover && hovered && x && y && (
        <FactTip
          name={hovered.name}
          color={hovered.color}
          facts={[...new Set([x, y, ...(tint ? [tint] : [])])].map((column) => [
            labels.get(column)!,
            formatCellAmong(
              column,
              hovered.values[column],
              rows.map(({ values }) => values[column]),
            ),
          ])}
          left={hover.left}
          top={hover.top}
        />
      )}
    </PanelFrame>
  );

  function stateFor(): PanelState {
    if (runs.length === 0 && options.scope === "shown") return { is: "empty", say: "No run is shown." };
    if (y === null && isKnown) return { is: "empty", say: "Choose what y is in the settings." };
    if (hasNoX) return { is: "empty", say: sameParametersText(props.project) };
    return stateOf(query, nBoth === 0 && x && y ? noneHasBoth(rows, x, y, hasPlace) : null);
  }
});

/** Number of runs with each of the two: the one that is missing is to be seen. */
function noneHasBoth(rows: readonly ValuedRun[], x: string, y: string, hasPlace: HasPlace): string {
  if (rows.length === 0) return "No run is listed.";
  const [nX = 0, nY = 0] = [x, y].map((column) => rows.filter((row) => hasValue(row, column)).length);
  const [unplaced] = [x, y].filter(
    (column) =>
      rows.some((row) => hasValue(row, column)) && !rows.some((row) => hasPlace(column, row.values[column])),
  );
  if (unplaced) return `No value of ${columnLabel(unplaced)} is a number that this scale shows.`;
  const labels = distinctLabels([x, y]);
  return `${someHave(nX, rows.length, "run")} ${labels.get(x)}, ${formatCount(nY)} ${haveFor(nY)} ${labels.get(y)}, and none has both.`;
}

function hasValue(row: ValuedRun, column: string): boolean {
  return row.values[column] !== null && row.values[column] !== undefined;
}
