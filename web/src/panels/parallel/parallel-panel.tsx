/** Parallel coordinates over all listed runs; brushes show exactly the runs inside them, everywhere. */

import { useQuery } from "@tanstack/react-query";
import { memo, useEffect, useEffectEvent, useMemo, useState } from "react";
import { aimedColumnsQuery } from "@/api/runs/columns";
import { ParallelChart, type ParallelContent } from "@/charts/parallel/parallel";
import { type Brush, isInBrush } from "@/charts/parallel/parallel-layout";
import { aimOf } from "@/data/metrics/goal";
import { onlyRuns, type Shown } from "@/data/runs/shown-runs";
import { readNumericTexts } from "@/data/statistics/numeric-texts";
import { distinctLabels, labelOf } from "@/data/table/columns";
import { formatCount, formatNoun } from "@/data/text/format";
import { panelNames } from "@/data/view/panel-names";
import { isTouch } from "@/ui/hooks/use-phone";
import { useStable } from "@/ui/hooks/use-stable";
import { Icon } from "@/ui/signs/icons";
import { PanelFrame, type PanelState, staleOf, stateOf, usePanelBox } from "../frame/panel-frame";
import { CanvasPlot } from "../over-runs/canvas-plot";
import { formatCell, isParameter } from "../over-runs/columns";
import { missingText, numericTextNote } from "../over-runs/missing-values";
import { FactTip } from "../over-runs/tip/fact-tip";
import { useResultColumn } from "../over-runs/use-key-column";
import { useRunRows, type ValuedRun } from "../over-runs/use-run-rows";
import { useVariedParameters } from "../over-runs/use-varied-parameters";
import type { PanelProps, PanelSet } from "../panel-props";
import { brushesOn, type ParallelOptions, parallelOptions, withBrush } from "./options";
import { useFirstAxes } from "./use-first-axes";
import "../over-runs/over-runs.css";

const NONE: readonly string[] = [];

/** The columns that a panel is to show; null while they are not known. */
export function useParallelColumns(
  props: PanelSet & Pick<PanelProps, "panel">,
  isOn: boolean,
): readonly string[] | null {
  const { project, panel } = props;
  const { columns } = parallelOptions(panel);
  const isAuto = columns.length === 0;
  const parameters = useVariedParameters(project, isOn && isAuto);
  const { column: result, isKnown } = useResultColumn(project, panel.keys[0] ?? null, isOn && isAuto);
  const axes = useFirstAxes(props, parameters, result, isOn && isAuto && isKnown);
  return useMemo(() => {
    if (!isAuto) return columns;
    if (!axes || !isKnown) return null;
    return [...axes, ...(result ? [result] : [])];
  }, [isAuto, columns, axes, isKnown, result]);
}

export const ParallelPanel = memo(function ParallelPanel(props: PanelProps) {
  const { panel, list, runs, onChange } = props;
  const box = usePanelBox(props.isFull);
  const { isOn } = box;
  const options = useMemo(() => parallelOptions(panel), [panel]);
  const loaded = useParallelColumns(props, isOn);
  const chosen = loaded ?? NONE;
  const tint = options.tint ?? chosen[chosen.length - 1] ?? null;
  const aimed = useQuery({ ...aimedColumnsQuery(props.project), enabled: isOn }).data;
  const goal = options.goal ?? aimed?.find(({ column }) => column === tint)?.goal ?? null;
  const { scales } = options;
  const isLowBest = tint !== null && aimOf(labelOf(tint).label, goal) === "minimize";
  const rowColumns = useMemo(() => [...new Set([...chosen, ...(tint ? [tint] : [])])], [chosen, tint]);
  const { query, rows: runRows, nLeftOut } = useRunRows(props, rowColumns, "listed", isOn);
  const numeric = useMemo(() => readNumericTexts(runRows, rowColumns), [runRows, rowColumns]);
  const { rows } = numeric;
  // an axis just added has no values yet: a brush on it would hold no run
  const columns = useMemo(
    () => chosen.filter((column) => rows[0] === undefined || column in rows[0].values),
    [chosen, rows],
  );
  const labels = useMemo(() => distinctLabels(columns), [columns]);
  const [hover, setHover] = useState<{ id: string; left: number; top: number } | null>(null);

  /** Brushes over the rows of a list before: which runs are inside, the list's own rows tell. */
  const [early, setEarly] = useState<ParallelOptions["brushes"] | null>(null);
  const allBrushes = early ?? options.brushes;
  const brushes = useMemo(() => brushesOn(allBrushes, columns), [allBrushes, columns]);
  const nBrushes = Object.keys(brushes).length;
  const shown = useMemo(() => shownBy(list?.shown), [list?.shown]);
  const content = useMemo<ParallelContent>(
    () => ({
      columns: columns.map((column) => ({
        column,
        label: labels.get(column)!,
        isParameter: isParameter(column),
        scale: scales[column] ?? "auto",
      })),
      rows: rows.map((row) => ({
        id: row.id,
        name: row.name,
        color: row.color,
        isShown: shown ? shown(row.id) : row.isShown,
        values: columns.map((column) => row.values[column]),
      })),
      brushes,
      ramp: tint === null ? null : { column: tint, isLowBest },
    }),
    [columns, labels, scales, rows, shown, brushes, tint, isLowBest],
  );

  const set = (part: Pick<ParallelOptions, "brushes" | "before">, shown: Shown | null) => {
    const changes = { options: { ...panel.options, ...part } };
    if (list && shown) list.onShown(shown, panel.id, changes);
    else onChange(panel.id, changes);
  };
  const clear = () => {
    setEarly(null);
    set({ brushes: {}, before: null }, options.before);
  };
  const areOfList = query.isSuccess && !query.isPlaceholderData;
  // the chart is made once: its brushes change the panel as it is by then
  const onBrush = useStable((column: string, brush: Brush | null) => {
    const next = withBrush(brushes, column, brush);
    if (Object.keys(next).length === 0) {
      if (nBrushes > 0) clear();
      return;
    }
    if (areOfList) apply(next);
    else setEarly(next);
  });
  const apply = (next: ParallelOptions["brushes"]) => {
    const inside = insideOf(rows, next);
    // a page that shows no run shows no panel either
    set(
      { brushes: next, before: options.before ?? list?.shown ?? null },
      inside.length > 0 ? onlyRuns(inside) : null,
    );
  };
  const applyEarly = useEffectEvent(() => {
    if (nBrushes > 0 && early) apply(brushes);
    setEarly(null);
  });
  useEffect(() => {
    if (areOfList) applyEarly();
  }, [areOfList]);

  const insideIds = nBrushes > 0 ? insideOf(rows, brushes) : NONE;
  const nIn = insideIds.length;
  // a value has changed since, or others were chosen in the list
  const areOthersShown =
    nBrushes > 0 &&
    early === null &&
    areOfList &&
    list !== undefined &&
    !areShownAlone(list.shown, insideIds);
  const nShown = content.rows.filter(({ isShown }) => isShown).length;
  const inside = nBrushes > 0 ? `${formatCount(nIn)} of ${formatCount(rows.length)}` : "brushed";
  const title = panelNames(panel).whole;
  const hovered = hover ? rows.find((row) => row.id === hover.id) : undefined;
  return (
    <PanelFrame
      of={props}
      box={box}
      title={title}
      notes={[
        // the flag of a brush says more
        nBrushes > 0 ? "" : `${chosen.length} keys`,
        missingText(rows, columns),
        numericTextNote(numeric),
        nLeftOut > 0 ? `${formatNoun(nLeftOut, "run")} left out` : "",
      ]}
      flags={
        (nBrushes > 0 || options.before !== null) && (
          <>
            {areOthersShown && nIn > 0 && (
              <button
                type="button"
                className="flag neu"
                title="Show exactly the runs in the brushes"
                onClick={() => apply(brushes)}
              >
                Show these
              </button>
            )}
            <button
              type="button"
              className="flag neu"
              aria-label={nBrushes > 0 ? `${inside} brushed` : inside}
              title="Show the runs of before"
              onClick={clear}
            >
              {nBrushes > 0 ? (
                <span className="brushed">
                  <span>{inside}</span>{" "}
                  <span>
                    {rows.length === 1 ? "run" : "runs"} in the {nBrushes > 1 ? "brushes" : "brush"}
                    {areOthersShown && `, ${formatCount(nShown)} shown`}
                  </span>
                </span>
              ) : (
                inside
              )}{" "}
              <Icon name="x" isSmall />
            </button>
          </>
        )
      }
      state={stateFor()}
      stale={staleOf(query)}
    >
      <CanvasPlot
        label={`${title}: ${[...labels.values()].join(", ")} of ${formatNoun(rows.length, "run")}`}
        keys="Left and right choose an axis, up and down move its brush, with Shift its end, Delete takes it away"
        content={content}
        make={(element) => new ParallelChart(element, { onHover: setHover, onBrush })}
      />
      {nBrushes === 0 && isTouch() && (
        <p className="touch-hint">
          {props.isFull
            ? "Drag along an axis to select a range"
            : "Hold an axis, then drag, to select a range"}
        </p>
      )}
      {hover && hovered && (
        <FactTip
          name={hovered.name}
          color={hovered.isShown ? hovered.color : null}
          facts={columns.map((column) => [labels.get(column)!, formatCell(column, hovered.values[column])])}
          left={hover.left}
          top={hover.top}
        />
      )}
    </PanelFrame>
  );

  function stateFor(): PanelState {
    if (loaded?.length === 0) return { is: "empty", say: "Choose columns in the settings." };
    if (runs.length === 0 && !list) return { is: "empty", say: "No run is shown." };
    return stateOf(query, query.data && rows.length === 0 ? (list?.none ?? "No run is listed.") : null);
  }
});

function insideOf(rows: readonly ValuedRun[], brushes: ParallelOptions["brushes"]): string[] {
  const entries = Object.entries(brushes);
  return rows
    .filter((row) => entries.every(([column, brush]) => isInBrush(row.values[column], brush)))
    .map((row) => row.id);
}

/** Whether these runs and no others are shown. */
function areShownAlone(shown: Shown, ids: readonly string[]): boolean {
  const { base, on } = shown.selection;
  const onSet = new Set(on);
  return (
    base === "none" &&
    shown.shownGroups.length === 0 &&
    onSet.size === ids.length &&
    ids.every((id) => onSet.has(id))
  );
}

/** Shown runs, where the selection alone tells them; null: their positions or groups do. */
function shownBy(shown: Shown | undefined): ((id: string) => boolean) | null {
  if (!shown || shown.selection.base === "newest") return null;
  if (shown.hiddenGroups.length + shown.shownGroups.length > 0) return null;
  const { base, on, off } = shown.selection;
  const [isOn, isOff] = [new Set(on), new Set(off)];
  return (id) => isOn.has(id) || (base === "all" && !isOff.has(id));
}
