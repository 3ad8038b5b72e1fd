/**
 * Paints all that lies over the curves of a chart: what is highlighted, its marks, the pinned and the own crosshair.
 */

import type { Frame } from "../../axis/scale";
import { badgeOf } from "../../axis/x-axis";
import type { BuiltLine } from "../built-line";
import type { LineView } from "../curve";
import type { BuiltChart } from "../line-build";
import type { ChartPin } from "../pointer/chart-pin";
import { type Hit, hitsAt } from "../pointer/hover";
import {
  paintBadge,
  paintCasing,
  paintCross,
  paintCrossDot,
  paintHighlighted,
  paintOnTop,
  paintSelection,
} from "./highlight-render";
import { HIGHLIGHT_WIDTH, highlightLook } from "./line-look";
import { paintMarks } from "./mark-render";

const DIM_CURVES = 0.26;
const DIM_DENSITY = 0.6;

/** The opacity of the picture of all curves while some are highlighted. */
export function opacityUnder(highlightedLines: readonly BuiltLine[], { lines, isDense }: BuiltChart): number {
  const isDim = highlightedLines.length > 0 && highlightedLines.length < lines.length;
  if (!isDim) return 1;
  return isDense ? DIM_DENSITY : DIM_CURVES;
}

interface ChartTop {
  readonly built: BuiltChart;
  readonly frame: Frame;
  readonly view: LineView;
  readonly highlighted: string | null;
  readonly highlightedLines: readonly BuiltLine[];
  /** The dragged range, px. */
  readonly selected: readonly [number, number] | null;
  /** Of the chart's own crosshair; null: it has none. */
  readonly x: number | null;
  readonly hits: readonly Hit[];
}

export function paintTop(pen: CanvasRenderingContext2D, pin: ChartPin, top: ChartTop): void {
  const { built, frame, highlightedLines, selected, x } = top;
  const { lines, isDense } = built;
  const hasHighlight = highlightedLines.length > 0;
  if (isDense) {
    paintOnTop(pen, frame, lines);
    for (const line of highlightedLines) paintCasing(pen, frame, line, HIGHLIGHT_WIDTH);
  }
  if (hasHighlight) {
    const look = highlightLook(top.view, built);
    for (const line of highlightedLines) paintHighlighted(pen, frame, line, look);
  }
  paintMarks(pen, frame, built, hasHighlight ? top.highlighted : null);
  if (selected) paintSelection(pen, frame, selected[0], selected[1]);
  pin.paint(pen, { built, frame });
  if (x !== null) paintOwnCross(pen, top, x);
}

function paintOwnCross(pen: CanvasRenderingContext2D, top: ChartTop, x: number): void {
  const { built, frame, highlighted, highlightedLines } = top;
  const hasHighlight = highlightedLines.length > 0;
  paintCross(pen, frame, x);
  for (const { line, at } of built.isDense ? hitsAt(highlightedLines, x) : top.hits) {
    const isHighlighted = line.highlightId === highlighted;
    paintCrossDot(pen, frame, line, at, { isHighlighted, isDim: hasHighlight && !isHighlighted });
  }
  paintBadge(pen, frame, x, badgeOf(built.axis, x, frame.x[1] - frame.x[0]));
}
