/**
 * What the pointer means over a line chart: the nearest curve, the tooltip's rows, the dragged range.
 *
 * `tipOf` is pure; `followPointer` binds the events and tells the chart.
 */

import type { Axis } from "@/data/columns";
import { findNearest } from "@/data/columns";
import { formatCount, formatExactly, formatTimeTick, formatValue } from "@/data/format";
import { type Frame, MARGIN } from "../axis/scale";
import type { TipRow } from "../shared-state";
import type { BuiltLine } from "./line-build";

/** The tooltip lists this many curves around the nearest. */
const TIP_ROWS = 7;
/** A curve lights up when the pointer is this near, px. */
const NEAR_PX = 40;
/** The crosshair jumps to a point this near, px. */
const SNAP_PX = 14;
/** A shorter drag is a click, px. */
const DRAG_PX = 5;

/** A curve under the pointer, and which of its points. */
export interface Hit {
  readonly line: BuiltLine;
  readonly at: number;
}

export interface Hover {
  /** Where the crosshair stands, in steps or seconds. */
  readonly x: number;
  readonly hits: readonly Hit[];
  readonly near: Hit | null;
  readonly rows: readonly TipRow[];
  readonly nHigher: number;
  readonly nLower: number;
  /** The x of the near point: `step 17,514`, or the bucket's steps. */
  readonly label: string;
}

/** What lies under the pointer at `px`, `py` of the plot; null where no curve has a point. */
export function hoverAt(
  lines: readonly BuiltLine[],
  frame: Frame,
  px: number,
  py: number,
  axis: Axis,
): Hover | null {
  const pointer = frame.xAt(px);
  const hits = hitsAt(lines, pointer);
  if (hits.length === 0) return null;
  const distance = ({ line, at }: Hit) => Math.abs(frame.yPx(line.drawn[at]!) - py);
  const nearest = hits.reduce((a, b) => (distance(b) < distance(a) ? b : a));
  const near = distance(nearest) < NEAR_PX ? nearest : null;
  const ordered = [...hits].sort((a, b) => b.line.drawn[b.at]! - a.line.drawn[a.at]!);
  const middle = ordered.indexOf(nearest) - Math.floor(TIP_ROWS / 2);
  const from = Math.max(0, Math.min(ordered.length - TIP_ROWS, middle));
  const shown = ordered.slice(from, from + TIP_ROWS);
  const point = nearest.line.x[nearest.at]!;
  const snaps = Math.abs(frame.xPx(point) - px) <= SNAP_PX;
  return {
    x: snaps ? point : pointer,
    hits,
    near,
    rows: shown.map((hit) => rowOf(hit, near)),
    nHigher: from,
    nLower: ordered.length - from - shown.length,
    label: xLabel(nearest, axis),
  };
}

/** The point of each curve that lies at `x`, of the curves that have begun and not ended there. */
export function hitsAt(lines: readonly BuiltLine[], x: number): Hit[] {
  const hits: Hit[] = [];
  for (const line of lines) {
    const n = line.x.length;
    if (n === 0) continue;
    const reach = Math.max(line.width, n > 1 ? (line.x[n - 1]! - line.x[0]!) / (n - 1) : 0);
    if (x < line.x[0]! - reach || x > line.x[n - 1]! + reach) continue;
    hits.push({ line, at: findNearest(line.x, x) });
  }
  return hits;
}

function rowOf({ line, at }: Hit, near: Hit | null): TipRow {
  const hasRange = line.lo[at]! < line.hi[at]!;
  return {
    id: line.id,
    name: line.name,
    color: line.color,
    value: formatValue(line.drawn[at]!),
    range: hasRange ? `${formatValue(line.lo[at]!)} – ${formatValue(line.hi[at]!)}` : null,
    isNear: near?.line === line,
  };
}

function xLabel({ line, at }: Hit, axis: Axis): string {
  const x = line.x[at]!;
  if (axis === "time") return formatTimeTick(Number(x.toPrecision(6)));
  if (line.width <= 1) return `step ${formatExactly(x)}`;
  const first = Math.round(x - (line.width - 1) / 2);
  return `steps ${formatCount(first)} to ${formatCount(first + line.width - 1)}`;
}

/** The crosshair's badge. */
export function badgeOf(x: number, axis: Axis): string {
  return axis === "time" ? formatTimeTick(Number(x.toPrecision(4))) : `Step ${formatCount(Math.round(x))}`;
}

/** What a chart does about the pointer; px are of the chart's element. */
export interface PointerTarget {
  readonly frame: Frame | null;
  moveTo(px: number, py: number, event: PointerEvent): void;
  leave(): void;
  /** The dragged range in px, or null when a drag ends or is given up. */
  drag(range: readonly [number, number] | null): void;
  zoom(range: readonly [number, number]): void;
  resetZoom(): void;
}

/** Bind pointer and Escape to a chart; returns the function that unbinds them. */
export function followPointer(element: HTMLElement, target: PointerTarget): () => void {
  const unbind = new AbortController();
  const { signal } = unbind;
  let start: number | null = null;
  let end = 0;
  const pxOf = (event: PointerEvent) => event.clientX - element.getBoundingClientRect().left;
  const inPlot = (px: number) => {
    const width = target.frame?.width ?? 0;
    return Math.max(MARGIN.left, Math.min(width - MARGIN.right, px));
  };
  element.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button !== 0 || !target.frame) return;
      start = inPlot(pxOf(event));
      end = start;
      element.setPointerCapture(event.pointerId);
    },
    { signal },
  );
  element.addEventListener(
    "pointermove",
    (event) => {
      const box = element.getBoundingClientRect();
      if (start !== null) {
        end = inPlot(pxOf(event));
        target.drag([start, end]);
      }
      target.moveTo(event.clientX - box.left, event.clientY - box.top, event);
    },
    { signal },
  );
  const finish = (apply: boolean) => {
    if (start === null) return;
    const range = [Math.min(start, end), Math.max(start, end)] as const;
    start = null;
    target.drag(null);
    if (apply && range[1] - range[0] >= DRAG_PX) target.zoom(range);
  };
  element.addEventListener("pointerup", () => finish(true), { signal });
  element.addEventListener("pointercancel", () => finish(false), { signal });
  element.addEventListener("pointerleave", () => target.leave(), { signal });
  element.addEventListener("dblclick", () => target.resetZoom(), { signal });
  document.addEventListener("keydown", (event) => event.key === "Escape" && finish(false), { signal });
  return () => unbind.abort();
}
