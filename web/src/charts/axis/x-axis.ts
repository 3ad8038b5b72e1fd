/** The x axis of a chart, and its texts: ticks, the crosshair's badge, a point's position. Pure. */

import { readableText } from "@/data/expression/expression-text";
import { formatCount, formatExactly, formatLarge, formatTick, formatTimeTick } from "@/data/text/format";
import { type AxisKind, hasAxisBy, type Scale } from "@/data/view/settings";
import type { Range } from "./scale";
import { linearTicks, logTicks, logTimeTicks, symlogTicks, timeTicks } from "./ticks";
import { formatWall, wallLabels, wallTicks } from "./wall-ticks";

/** The x axis that is drawn: `defined` is by now what the curves' metrics define. */
export interface XAxis {
  readonly kind: Exclude<AxisKind, "defined" | "expression">;
  /** Of kind `metric`, or the expression. */
  readonly metric: string;
  /** Charts with the same one share crosshair and zoom. */
  readonly key: string;
}

/** The axis of curves whose x are the values of `metric` (empty text: steps). */
export function xAxisOf(kind: AxisKind, metric: string): XAxis {
  if (!hasAxisBy(kind) && kind !== "defined") return { kind, metric: "", key: kind };
  return metric === ""
    ? { kind: "step", metric: "", key: "step" }
    : {
        kind: "metric",
        metric: kind === "expression" ? readableText(metric) : metric,
        key: `metric:${metric}`,
      };
}

/** Micros of the server in one unit of x: time is drawn in seconds. */
export function unitOf(kind: AxisKind): number {
  return isRelative(kind) || kind === "wall" ? 1e6 : 1;
}

/** Whether x is seconds since the run began, without its pauses or with them. */
export function isRelative(kind: AxisKind): boolean {
  return kind === "time" || kind === "time_wall";
}

/** Ticks of x and their labels, about `count` of them. */
export function xTicks(
  axis: XAxis,
  scale: Scale,
  range: Range,
  count: number,
): { readonly values: readonly number[]; readonly texts: readonly string[] } {
  const [lo, hi] = range;
  if (scale === "log" && lo > 0) {
    const isTime = isRelative(axis.kind);
    const values = isTime ? logTimeTicks(lo, hi, count) : logTicks(lo, hi, count);
    return { values, texts: values.map(isTime ? formatTimeTick : formatTick) };
  }
  if (scale === "symlog") {
    const values = symlogTicks(lo, hi, count);
    return { values, texts: values.map(isRelative(axis.kind) ? formatTimeTick : formatTick) };
  }
  if (axis.kind === "wall") {
    const values = wallTicks(lo, hi, count);
    return { values, texts: wallLabels(values) };
  }
  if (isRelative(axis.kind)) {
    const values = timeTicks(lo, hi, count);
    return { values, texts: timeTexts(values) };
  }
  const all = linearTicks(lo, hi, count);
  // steps are whole numbers
  const whole = axis.kind === "step" ? all.filter(Number.isInteger) : all;
  const values = whole.length > 0 ? whole : all;
  return { values, texts: values.map((v) => stepText(v, values)) };
}

/** Labels of times; where neighbours would read the same (`5h 54m`), with all their units. */
function timeTexts(values: readonly number[]): string[] {
  const texts = values.map(formatTimeTick);
  return new Set(texts).size === texts.length ? texts : values.map(wholeTime);
}

/** A time in all its units: `5h 54m 12.5s`. */
function wholeTime(secs: number): string {
  if (secs < 60) return formatTimeTick(secs);
  const days = Math.floor(secs / 86_400);
  const minutes = Math.floor((secs % 86_400) / 60) * 60;
  const rest = Number((secs % 60).toFixed(6));
  const parts = [
    days > 0 ? `${days}d` : "",
    minutes > 0 ? formatTimeTick(minutes) : "",
    rest > 0 ? `${rest}s` : "",
  ];
  return parts.filter(Boolean).join(" ");
}

/** A step's label; neighbours that would read the same (1.2345M, 1.2346M) are written out. */
function stepText(v: number, all: readonly number[]): string {
  const step = all.length > 1 ? Math.abs(all[1]! - all[0]!) : Math.abs(v);
  if (Math.abs(v) >= 1000 && step > 0 && step < Math.abs(v) / 500) return formatExactly(v);
  return formatTick(v);
}

/**
 * The crosshair's badge: `Step 17,514`, `2h 5m`, `Nov 20, 14:05:09`, `epoch 12.5`, `tokens 134.75B`.
 *
 * @param span of the x shown, for the digits of large numbers
 */
export function badgeOf(axis: XAxis, x: number, span: number): string {
  if (axis.kind === "wall") return formatWall(x);
  if (isRelative(axis.kind)) return formatTimeTick(Number(x.toPrecision(4)));
  if (axis.kind === "step") return `Step ${formatCount(Math.round(x))}`;
  const text = isLarge(x) ? largeText(x, span) : formatTick(Number(x.toPrecision(6)));
  return `${axis.metric} ${text}`.trim();
}

/**
 * Where a point lies: `step 17,514`, or the steps of its bucket; of a metric the roundest value in its bucket, and from a
 * million on as the badge has it.
 *
 * @param width of the bucket around x; 0: x is exact
 * @param span of the x shown
 */
export function positionText(axis: XAxis, x: number, width: number, span: number): string {
  if (axis.kind === "wall") return formatWall(x);
  if (isRelative(axis.kind)) return formatTimeTick(Number(x.toPrecision(6)));
  if (axis.kind === "metric") {
    const text = isLarge(x) ? largeText(x, span) : formatExactly(roundestNear(x, width / 2));
    return `${axis.metric} ${text}`.trim();
  }
  if (width <= 1) return `step ${formatExactly(x)}`;
  const first = Math.round(x - (width - 1) / 2);
  return `steps ${formatCount(first)} to ${formatCount(first + width - 1)}`;
}

/** Where something in a bucket around x lies, `tokens ~105.5B` if the ends of the bucket read differently. */
export function bucketText(axis: XAxis, x: number, width: number, span: number): string {
  const text = positionText(axis, x, width, span);
  // the roundest value of a bucket is mostly the one that was logged
  if (axis.kind === "step" || (axis.kind === "metric" && !isLarge(x))) return text;
  const [first, middle, last] = [-0.5, 0, 0.5].map((part) =>
    positionText(axis, x + part * width, width, Math.max(span, width / FINEST_PART)),
  );
  if (first === last) return text;
  return axis.kind === "metric" ? middle!.replace(/(?=\S+$)/, "~") : `~${middle}`;
}

/** A part of what is shown that is hardly wider than a pixel. */
const FINEST_PART = 1e-3;

function isLarge(x: number): boolean {
  return Math.abs(x) >= 1e6;
}

function largeText(x: number, span: number): string {
  return formatLarge(x, span * FINEST_PART);
}

const MAX_DIGITS = 9;

function roundestNear(x: number, most: number): number {
  for (let digits = 1; digits < MAX_DIGITS; digits++) {
    const round = Number(x.toPrecision(digits));
    if (Math.abs(round - x) <= most) return round;
  }
  return Number(x.toPrecision(MAX_DIGITS));
}
