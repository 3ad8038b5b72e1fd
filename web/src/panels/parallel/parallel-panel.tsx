/**
 * Parallel coordinates over all listed runs; brushes show exactly the runs inside them, everywhere.
 */

import { memo, useMemo, useState } from "react";
import { ParallelChart, type ParallelContent } from "@/charts/parallel/parallel";
import { type Brush, isInBrush } from "@/charts/parallel/parallel-layout";
import { formatCount, formatNoun } from "@/data/format";
import type { Shown } from "@/data/shown-runs";
import { panelNames } from "@/data/view/panel-names";
import { Icon } from "@/ui/icons";
import { CanvasPlot } from "../over-runs/canvas-plot";
import { columnLabel, formatCell, isParameter } from "../over-runs/columns";
import { FactTip } from "../over-runs/fact-tip";
import { useRunRows, useSummaryColumn, type ValuedRun } from "../over-runs/use-run-rows";
import { useVariedParameters } from "../over-runs/use-varied-parameters";
import { PanelFrame, type PanelState, staleOf, stateOf, usePanelPlace } from "../panel-frame";
import type { PanelProps } from "../panel-props";
import { type ParallelOptions, parallelOptions, withBrush } from "./options";
import "../over-runs/over-runs.css";

/** Parameters that a panel begins with. */
const FIRST_PARAMETERS = 3;

/** The columns that a panel shows; empty while they are not known. */
export function useParallelColumns(props: Pick<PanelProps, "project" | "panel">, isOn: boolean) {
  const { project, panel } = props;
  const { columns } = parallelOptions(panel);
  const isAuto = columns.length === 0;
  const parameters = useVariedParameters(project, isOn && isAuto);
  const metric = isAuto && isOn ? (panel.keys[0] ?? null) : null;
  const summary = useSummaryColumn(project, metric);
  return useMemo(() => {
    if (!isAuto) return columns;
    if (!parameters || (metric !== null && summary === null)) return [];
    return [...parameters.slice(0, FIRST_PARAMETERS), ...(summary ? [summary] : [])];
  }, [isAuto, columns, parameters, metric, summary]);
}

export const ParallelPanel = memo(function ParallelPanel(props: PanelProps) {
  const { panel, list, runs, onChange } = props;
  const place = usePanelPlace();
  const isOn = place.isInView || props.isFull;
  const options = useMemo(() => parallelOptions(panel), [panel]);
  const columns = useParallelColumns(props, isOn);
  const tint = options.tint ?? columns[columns.length - 1] ?? null;
  const asked = useMemo(() => [...new Set([...columns, ...(tint ? [tint] : [])])], [columns, tint]);
  const { query, rows, nLeftOut } = useRunRows(props, asked, "listed", isOn);
  const [hover, setHover] = useState<{ id: string; left: number; top: number } | null>(null);

  const shown = useMemo(() => shownBy(list?.shown), [list?.shown]);
  const content = useMemo<ParallelContent>(
    () => ({
      columns: columns.map((column) => ({
        column,
        label: columnLabel(column),
        isParameter: isParameter(column),
        scale: "auto",
      })),
      rows: rows.map((row) => ({
        id: row.id,
        name: row.name,
        color: row.color,
        isShown: shown ? shown(row.id) : row.isShown,
        values: columns.map((column) => row.values[column]),
      })),
      brushes: options.brushes,
      rampColumn: tint,
    }),
    [columns, rows, shown, options.brushes, tint],
  );

  const set = (part: Pick<ParallelOptions, "brushes" | "before">, shown: Shown | null) => {
    const changes = { options: { ...panel.options, ...part } };
    if (list && shown) list.onShown(shown, panel.id, changes);
    else onChange(panel.id, changes);
  };
  const clear = () => set({ brushes: {}, before: null }, options.before);
  const brush = (column: string, next: Brush | null) => {
    const brushes = withBrush(options, column, next);
    if (Object.keys(brushes).length === 0) {
      if (Object.keys(options.brushes).length > 0) clear();
      return;
    }
    const inside = insideOf(rows, brushes);
    // a page that shows no run shows no panel either
    set(
      { brushes, before: options.before ?? list?.shown ?? null },
      inside.length > 0 ? onlyThese(inside) : null,
    );
  };

  const brushed = Object.keys(options.brushes).filter((column) => columns.includes(column));
  const nIn = brushed.length > 0 ? insideOf(rows, options.brushes).length : 0;
  const title = panelNames(panel).whole;
  const hovered = hover ? rows.find((row) => row.id === hover.id) : undefined;
  return (
    <PanelFrame
      of={props}
      place={place}
      title={title}
      notes={[
        brushed.length > 0
          ? `${formatCount(nIn)} of ${formatNoun(rows.length, "run")} in the ${brushed.length > 1 ? "brushes" : "brush"}`
          : `${columns.length} keys`,
        nLeftOut > 0 ? `${formatNoun(nLeftOut, "run")} left out` : "",
      ]}
      flags={
        brushed.length > 0 && (
          <button type="button" className="flag neu" onClick={clear} title="Show the runs of before">
            brushed <Icon name="x" isSmall />
          </button>
        )
      }
      state={stateFor()}
      stale={staleOf(query)}
    >
      <CanvasPlot
        label={`${title}: ${columns.map(columnLabel).join(", ")} of ${formatNoun(rows.length, "run")}`}
        keys="Left and right choose an axis, up and down move its brush, with Shift its end, Delete takes it away"
        content={content}
        make={(element) => new ParallelChart(element, { onHover: setHover, onBrush: brush })}
      />
      {hover && hovered && (
        <FactTip
          name={hovered.name}
          color={hovered.isShown ? hovered.color : null}
          facts={columns.map((column) => [columnLabel(column), formatCell(column, hovered.values[column])])}
          left={hover.left}
          top={hover.top}
        />
      )}
    </PanelFrame>
  );

  function stateFor(): PanelState {
    if (columns.length === 0 && panel.keys.length === 0 && options.columns.length === 0)
      return { is: "empty", say: "Choose columns in the settings." };
    if (runs.length === 0 && !list) return { is: "empty", say: "No run is shown." };
    return stateOf(query, query.data && rows.length === 0 ? "No run is listed." : null);
  }
});

function insideOf(rows: readonly ValuedRun[], brushes: ParallelOptions["brushes"]): string[] {
  const entries = Object.entries(brushes);
  return rows
    .filter((row) => entries.every(([column, brush]) => isInBrush(row.values[column], brush)))
    .map((row) => row.id);
}

function onlyThese(ids: readonly string[]): Shown {
  return { selection: { base: "none", on: ids, off: [] }, hiddenGroups: [], shownGroups: [] };
}

/** Which runs are shown, where the selection alone tells; null: their places or groups do. */
function shownBy(shown: Shown | undefined): ((id: string) => boolean) | null {
  if (!shown || shown.selection.base === "newest") return null;
  if (shown.hiddenGroups.length + shown.shownGroups.length > 0) return null;
  const { base, on, off } = shown.selection;
  const [isOn, isOff] = [new Set(on), new Set(off)];
  return (id) => isOn.has(id) || (base === "all" && !isOff.has(id));
}
