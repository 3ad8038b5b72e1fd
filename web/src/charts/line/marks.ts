/**
 * The marks of a line chart besides curves: NaN and Inf, ends of the range, flags, gaps, ends, thresholds. Pure.
 *
 * Step of the data's way: part of `line-build.ts`; painted by `mark-render.ts`.
 */

import { findNearest } from "@/data/curves/columns";
import type { RunEvent } from "@/data/runs/events";
import { formatCount, formatNoun } from "@/data/text/format";
import type { Range } from "../axis/scale";
import { formatWall } from "../axis/wall-ticks";
import type { XAxis } from "../axis/x-axis";
import type { LineView } from "./curve";
import type { CurvePoints, NonfinitePoints } from "./curve-points";

/** Non-finite points of a curve in view: where the first is, and how many of what. */
export interface NonfiniteMark {
  readonly x: number;
  /** Of the bucket around x in which the first point is. */
  readonly width: number;
  /** `NaN`, `Inf`, … */
  readonly kind: string;
  /** Points in view. */
  readonly n: number;
  /** The kind, and how many points in view. */
  readonly label: string;
  /** X of all buckets with such points, also of those out of view. */
  readonly all: readonly number[];
}

/** Where a curve leaves the y range. */
export interface ClipMark {
  readonly x: number;
  readonly edge: "top" | "bottom";
  readonly color: number;
  readonly highlightId: string;
}

/** An annotation, or an alert of a run. */
export interface FlagMark {
  readonly x: number;
  readonly text: string;
  readonly look: "plain" | "WARN" | "ERROR";
  /** An annotation that a person made; else an alert. */
  readonly isSet: boolean;
  /** The run it belongs to; null: all. */
  readonly highlightId: string | null;
}

/** Rows of a run that were lost between two x. */
export interface GapMark {
  readonly from: number;
  readonly to: number;
  readonly highlightId: string;
  readonly color: number;
  readonly text: string;
}

/** A place on a curve where its run ended or was resumed. */
export interface StopMark {
  readonly x: number;
  readonly y: number;
  readonly look: "failed" | "preempted" | "killed" | "resumed";
  readonly text: string;
  readonly highlightId: string;
  readonly color: number;
}

export interface ThresholdMark {
  readonly y: number;
  readonly text: string;
  readonly look: "limit" | "goal" | "plain";
}

/** Fields of a curve that marks need. */
interface MarkedLine extends Pick<CurvePoints, "x" | "lo" | "hi"> {
  readonly y: Float64Array;
  readonly run: string;
  readonly highlightId: string;
  readonly color: number;
  readonly originMicros: number;
  readonly drawn: Float64Array;
}

/** All but the NaN marks, which are each curve's own. */
export interface ChartMarks {
  readonly clips: readonly ClipMark[];
  readonly flags: readonly FlagMark[];
  readonly gaps: readonly GapMark[];
  readonly stops: readonly StopMark[];
  readonly thresholds: readonly ThresholdMark[];
}

export function nonfiniteMarkOf(points: NonfinitePoints, [x0, x1]: Range): NonfiniteMark | null {
  let first = -1;
  const n = { nan: 0, posInf: 0, negInf: 0 };
  for (const [k, x] of points.x.entries()) {
    if (x < x0 || x > x1) continue;
    if (first < 0) first = k;
    n.nan += points.nan[k]!;
    n.posInf += points.posInf[k]!;
    n.negInf += points.negInf[k]!;
  }
  const total = n.nan + n.posInf + n.negInf;
  if (total === 0) return null;
  const kind =
    n.nan === total ? "NaN" : n.posInf === total ? "Inf" : n.negInf === total ? "\u2212Inf" : "NaN, Inf";
  return {
    x: points.x[first]!,
    width: points.width[first]!,
    kind,
    n: total,
    label: `${kind} ×${formatCount(total)}`,
    all: points.x,
  };
}

/** The label of marks at one place, of all their points: as many as the curve of a group of these runs has. */
export function jointLabel(marks: readonly Pick<NonfiniteMark, "kind" | "n">[]): string {
  const kinds = new Set(marks.map(({ kind }) => kind));
  const n = marks.reduce((sum, mark) => sum + mark.n, 0);
  return `${kinds.size === 1 ? [...kinds][0] : "NaN, Inf"} ×${formatCount(n)}`;
}

/** The marks of a chart that shows `x` and `y`. */
export function marksOf(
  lines: readonly MarkedLine[],
  axis: XAxis,
  view: LineView,
  x: Range,
  y: Range,
): ChartMarks {
  const byRun = new Map<string, MarkedLine>();
  for (const line of lines) if (line.run) byRun.set(line.run, line);
  const flags: FlagMark[] = [];
  const gaps: GapMark[] = [];
  const stops: StopMark[] = [];
  const isIn = (at: number) => at >= x[0] && at <= x[1];
  const isWhole = view.zoom === null && view.xEnds[1] === null && view.cutAt === null;
  for (const mark of view.marks) {
    if (mark.kind !== "annotation" || !isIn(mark.at) || (mark.run && !byRun.has(mark.run))) continue;
    flags.push({ x: mark.at, text: mark.text, look: "plain", isSet: true, highlightId: mark.run });
  }
  for (const event of view.events) {
    const line = byRun.get(event.run);
    if (!line) continue;
    if (event.kind === "resume" || event.kind === "end") {
      // of a part of x, a curve's last point here may not be its last
      for (const own of lines)
        if (own.run === event.run && (event.kind === "resume" || isWhole))
          stops.push(...stopsOf(event, own, axis, isIn).filter((stop) => isIn(stop.x)));
      continue;
    }
    const { color, highlightId } = line;
    const { step, endStep, timeMicros, endMicros, runtimeMicros, endRuntimeMicros } = event;
    const from = eventX(step ?? endStep, timeMicros, runtimeMicros, axis, line.originMicros);
    if (event.kind === "alert") {
      if (from === null || !isIn(from)) continue;
      const look = event.level === "INFO" ? "plain" : event.level;
      flags.push({ x: from, text: event.title, look, isSet: false, highlightId });
      continue;
    }
    const to = eventX(endStep, endMicros, endRuntimeMicros, axis, line.originMicros) ?? from;
    if (from === null || to === null || to < x[0] || from > x[1]) continue;
    gaps.push({ from, to, highlightId, color, text: `${formatNoun(event.nRows, "row")} lost` });
  }
  flags.sort((a, b) => a.x - b.x);
  const thresholds = view.marks
    .filter((mark) => mark.kind === "threshold" && mark.at >= y[0] && mark.at <= y[1])
    .map((mark) => ({ y: mark.at, text: mark.text, look: mark.look }));
  return {
    flags,
    gaps,
    stops,
    thresholds,
    clips: view.hasClips && isClipping(view) ? lines.flatMap((line) => clipsOf(line, x, y)) : [],
  };
}

/** The marks of an end, or of an end and the resumption after it, on one of the run's curves. */
function stopsOf(event: RunEvent, line: MarkedLine, axis: XAxis, isIn: (at: number) => boolean): StopMark[] {
  if (line.x.length === 0) return [];
  const { kind, step, endStep, timeMicros, endMicros, runtimeMicros, endRuntimeMicros } = event;
  const { highlightId, color, originMicros: origin } = line;
  const code = event.exitCode === null ? "" : `, exit code ${event.exitCode}`;
  const marks = [
    {
      // its last point is there on any axis
      at: kind === "end" ? line.x.at(-1)! : eventX(step, timeMicros, runtimeMicros, axis, origin),
      look: stopLook(event.title),
      text: `${event.title} ${formatWall(timeMicros / 1e6)}${code}`,
    },
    {
      at: kind === "end" ? null : eventX(endStep, endMicros, endRuntimeMicros, axis, origin),
      look: "resumed" as const,
      text: `resumed ${formatWall(endMicros / 1e6)}`,
    },
  ];
  return marks.flatMap(({ at, look, text }) => {
    if (at === null || look === null || !isIn(at)) return [];
    const i = findNearest(line.x, at);
    return [{ x: line.x[i]!, y: line.y[i]!, look, text, highlightId, color }];
  });
}

/** Null for an end that went well. */
function stopLook(state: string): StopMark["look"] | null {
  if (state === "finished") return null;
  return state === "preempted" || state === "killed" ? state : "failed";
}

/** Null where the axis has no place for it: a metric's values are of rows, not of moments. */
function eventX(
  step: number | null,
  micros: number,
  runtime: number,
  axis: XAxis,
  origin: number,
): number | null {
  if (axis.kind === "step") return step;
  if (axis.kind === "time") return runtime / 1e6;
  if (axis.kind === "time_wall") return (micros - origin) / 1e6;
  return axis.kind === "wall" ? micros / 1e6 : null;
}

/** Whether something may lie outside: y else follows the data. */
function isClipping({ yEnds, bounds, yScale }: LineView): boolean {
  return yEnds[0] !== null || yEnds[1] !== null || bounds !== null || yScale === "log";
}

/** A mark for each stretch of a curve, or of its spikes, that lies outside. */
function clipsOf(line: MarkedLine, [x0, x1]: Range, [y0, y1]: Range): ClipMark[] {
  const clips: ClipMark[] = [];
  const { x, lo, hi, drawn, color, highlightId } = line;
  const edges = [
    { edge: "top", end: y1, isOut: (i: number) => Math.max(hi[i]!, drawn[i]!) > y1 },
    { edge: "bottom", end: y0, isOut: (i: number) => Math.min(lo[i]!, drawn[i]!) < y0 },
  ] as const;
  for (const { edge, end, isOut } of edges) {
    let start = -1;
    for (let i = 0; i <= x.length; i++) {
      const isInView = i < x.length && x[i]! >= x0 && x[i]! <= x1;
      if (isInView && isOut(i)) {
        if (start < 0) start = i;
        continue;
      }
      if (start < 0) continue;
      clips.push({ x: leavesAt(line, start, i - 1, end, [x0, x1]), edge, color, highlightId });
      start = -1;
    }
  }
  return clips;
}

/** Where the drawn line crosses `end` next to the stretch `from` … `to`; of a spike alone, the stretch's middle. */
function leavesAt({ x, drawn }: MarkedLine, from: number, to: number, end: number, [x0, x1]: Range): number {
  for (const [inside, outside] of [
    [from - 1, from],
    [to + 1, to],
  ] as const) {
    if (inside < 0 || inside >= x.length || x[inside]! < x0 || x[inside]! > x1) continue;
    const part = (end - drawn[inside]!) / (drawn[outside]! - drawn[inside]!);
    if (part >= 0 && part <= 1) return x[inside]! + part * (x[outside]! - x[inside]!);
  }
  return x[(from + to) >> 1]!;
}
