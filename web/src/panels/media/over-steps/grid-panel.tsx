/** The media of the shown runs over steps, or another x axis. */

import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { type MediaSeries, mediaColumnsQuery, mediaStepsQuery } from "@/api/files/media";
import { isRelative } from "@/charts/axis/x-axis";
import { mediaKind } from "@/data/metrics/object-kinds";
import { formatCount, formatNoun } from "@/data/text/format";
import { leaveWheelToPage } from "@/ui/browser/page-wheel";
import { useStable } from "@/ui/hooks/use-stable";
import { PanelFrame, staleOf, usePanelBox } from "../../frame/panel-frame";
import { objectAxis, objectAxisNote, xText } from "../../over-runs/object-axis";
import type { PanelProps } from "../../panel-props";
import { FirstRunsFlag } from "../first-runs-flag";
import { LayersButton, LayersSide } from "../layers/layer-controls";
import { LayoutEntry, LayoutTools } from "../layout-choice";
import { mediaState } from "../media-state";
import { type MediaOptions, mediaOptions } from "../options";
import { useFirstRuns } from "../use-first-runs";
import { MediaViewer } from "../viewer/media-viewer";
import { allGroups, columnCount, columnWidth, evenly, groupsAt, stepRows } from "./step-cells";
import { StepTable } from "./step-table";

const NO_X: readonly number[] = [];
const NO_SERIES: readonly MediaSeries[] = [];
/** Width in px that columns cannot have: the padding at both sides, and a scrollbar. */
const MARGINS_PX = 32;
/** Width of the names, px: in panels from `WIDE_PX` on, and in narrower ones. */
const NAME_PX = { wide: 140, narrow: 88 };
const WIDE_PX = 480;
/** As in `panel.css`: the width of the side of full screen, px, and up to which it is below. */
const SIDE_PX = 300;
const FULL_PX = 620;

interface OpenCell {
  readonly row: number;
  readonly column: number;
  readonly item: number;
}

export function GridPanel(props: PanelProps) {
  const { panel, project, runs, settings, isFull, onChange } = props;
  const { keys } = panel;
  const box = usePanelBox(props.isFull);
  const options = useMemo(() => mediaOptions(panel), [panel]);
  const axis = useMemo(() => objectAxis(settings), [settings]);
  const ids = useFirstRuns(props);
  const enabled = box.isOn && keys.length > 0 && ids.length > 0 && box.width > 0;
  const steps = useQuery({ ...mediaStepsQuery(project, ids, keys, axis), enabled });
  const all = steps.data?.steps ?? NO_X;
  const nameWidth = box.width < WIDE_PX ? NAME_PX.narrow : NAME_PX.wide;
  const room = box.width - nameWidth - MARGINS_PX;
  const nColumns = columnCount(room, options.size, ids.length * keys.length);
  const columns = useMemo(() => evenly(all, nColumns), [all, nColumns]);
  const query = useQuery({
    ...mediaColumnsQuery(project, ids, keys, columns, axis),
    enabled: enabled && columns.length > 0,
  });
  const series = query.data ?? NO_SERIES;
  const rows = useMemo(() => stepRows(runs, keys, columns, series), [runs, keys, columns, series]);
  const groups = useMemo(() => allGroups(rows), [rows]);
  const hasLayers = groups.some(({ items }) => items.some(({ layers }) => layers.length > 0));
  // in full screen, the layers take a part of the width
  const beside = isFull && hasLayers && box.width > FULL_PX ? SIDE_PX : 0;
  const least = mediaKind(series[0]?.items[0]?.kind ?? "")?.minWidthPx ?? 0;
  const width = Math.max(least, columnWidth(room - beside, options.size, columns.length));
  const [open, setOpen] = useState<OpenCell | null>(null);
  const onOptions = useStable((part: Partial<MediaOptions>) =>
    onChange(panel.id, { options: { ...panel.options, ...part } }),
  );
  const metrics = new Set(series.map(({ axis_metric }) => axis_metric));
  const [metric = ""] = metrics.size === 1 ? metrics : [];
  const textOf = (x: number) => xText(metric ? { axis: "metric", axis_metric: metric } : axis, x);
  const axisText = isRelative(axis.axis) ? "time" : metric || (metrics.size > 1 ? "x as defined" : "step");
  const layers = { groups, options, onOptions };
  const isEmpty = steps.data !== undefined && all.length === 0;
  return (
    <PanelFrame
      of={props}
      box={box}
      metric={keys[0]}
      notes={[objectAxisNote(settings)]}
      flags={<FirstRunsFlag nAsked={ids.length} nShown={runs.length} />}
      state={mediaState(props, steps.data && !isEmpty ? query : steps, !isEmpty)}
      stale={staleOf(query)}
      menu={<LayoutEntry of={props} />}
      tools={<LayoutTools of={props} />}
      side={hasLayers && <LayersSide {...layers} />}
    >
      <div
        role="group"
        ref={leaveWheelToPage}
        className="media-grid"
        aria-label={`Media of ${formatNoun(rows.length, "run")} by ${axisText}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        tabIndex={0}
      >
        <StepTable
          rows={rows}
          columns={columns}
          width={width}
          nameWidth={nameWidth}
          axisText={axisText}
          options={options}
          hasManyKeys={keys.length > 1}
          xText={textOf}
          onOpen={(row, column) => setOpen({ row, column, item: 0 })}
        />
      </div>
      <div className="step-bar" data-late={query.isPlaceholderData || undefined}>
        <span className="tn at">{countText(columns.length, steps.data?.total ?? 0, axisText)}</span>
        <span className="grow" />
        {hasLayers && !isFull && <LayersButton {...layers} />}
      </div>
      {open && (
        <MediaViewer
          groups={groupsAt(rows, open.column)}
          spot={{ group: open.row, item: open.item }}
          options={options}
          onOptions={onOptions}
          steps={columns}
          at={open.column}
          text={`${axisText} ${textOf(columns[open.column] ?? 0)}`}
          isLate={query.isPlaceholderData}
          onSpot={(spot) => setOpen(spot && { ...open, row: spot.group, item: spot.item })}
          onPlace={(column) => setOpen({ ...open, column, item: 0 })}
        />
      )}
    </PanelFrame>
  );
}

function countText(nColumns: number, total: number, axisText: string): string {
  const all = formatNoun(total, axisText === "step" ? "step" : "position");
  return nColumns < total ? `${formatCount(nColumns)} of ${all}` : all;
}
