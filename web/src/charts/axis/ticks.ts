/** Where the ticks of an axis lie and how they read. Pure. */

import { formatExactly, formatMagnitude, formatTick, SMALL } from "@/data/text/format";
import type { Scale } from "@/data/view/settings";
import { type Range, symlogConstant } from "./scale";

const TIME_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
];

/** Ticks that are nearer to each other than this part of their size could not be told apart by their 12 digits. */
const ROUNDING = 1e-11;

/** Round numbers in `[lo, hi]`, about `count` of them. */
export function linearTicks(lo: number, hi: number, count: number): number[] {
  if (!(hi > lo)) return [lo];
  return multiples(lo, hi, niceStep((hi - lo) / Math.max(1, count)));
}

/** Round whole numbers in `[lo, hi]`, about `count` of them or all there are. */
export function wholeTicks(lo: number, hi: number, count: number): number[] {
  return linearTicks(lo, hi, Math.min(count, Math.max(1, hi - lo))).filter(Number.isInteger);
}

/** Round times in seconds: 10 s, 5 min, 2 h; days in round numbers. */
export function timeTicks(lo: number, hi: number, count: number): number[] {
  if (!(hi > lo)) return [lo];
  const raw = (hi - lo) / Math.max(1, count);
  if (raw < 1) return multiples(lo, hi, niceStep(raw));
  // a little denser than asked rather than half as dense
  const step = TIME_STEPS.find((s) => s >= raw * 0.75) ?? niceStep(raw / 86400) * 86400;
  return multiples(lo, hi, step);
}

/** Multiples of powers of ten on a log axis, the most usual first: as evenly as few round numbers can lie. */
const LOG_STEPS = [
  [1, 2, 5],
  [1, 2, 3, 5],
  [1, 2, 3, 4, 6, 8],
  [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8],
  [1, 1.5, 2.5, 4, 6],
] as const;
/** The part of a log axis that may lie beyond its first or its last label: where losses end, one wants a number. */
const MOST_BARE = 0.15;
/** Fewer labels do not show that an axis is logarithmic. */
const FEWEST_LOG_TICKS = 4;

/** Powers of ten in `[lo, hi]` (`lo` > 0), with round numbers between when there are few, thinned when many. */
export function logTicks(lo: number, hi: number, count: number): number[] {
  const from = Math.floor(Math.log10(lo));
  const to = Math.ceil(Math.log10(hi));
  const every = Math.max(1, Math.ceil((to - from) / Math.max(1, count)));
  const within = (v: number) => v >= lo * (1 - 1e-9) && v <= hi * (1 + 1e-9);
  // 10 ** -5 is 0.000009999999999999999: let the parser round
  const decades: number[] = [];
  for (let e = from; e <= to; e++) if (e % every === 0) decades.push(Number(`1e${e}`));
  const plain = decades.filter(within);
  if (plain.length >= 3 || every > 1) return plain;
  const fewest = Math.min(FEWEST_LOG_TICKS, Math.max(2, count));
  const most = Math.max(fewest, count);
  const choices = LOG_STEPS.map((steps) =>
    decades.flatMap((d) => steps.map((step) => Number((step * d).toPrecision(3)))).filter(within),
  ).filter(({ length }) => length >= fewest);
  const bare = choices
    .filter(({ length }) => length <= most)
    .map((ticks) => ({ ticks, part: bareOf(ticks, lo, hi) }));
  const even = bare.find(({ part }) => part <= MOST_BARE) ?? bare.sort((a, b) => a.part - b.part)[0];
  if (choices.length > 0) return even?.ticks ?? choices[0]!;
  return linearTicks(lo, hi, Math.max(FEWEST_LOG_TICKS, count)).filter((v) => v > 0);
}

/** The larger part of a log axis before its first tick or after its last one. */
function bareOf(ticks: readonly number[], lo: number, hi: number): number {
  return Math.log(Math.max(ticks[0]! / lo, hi / ticks[ticks.length - 1]!)) / Math.log(hi / lo);
}

const LOG_TIMES = [1, 10, 60, 600, 3600, 36_000, 86_400, 864_000, 8_640_000];

/** Times that read roundly, about a factor of ten apart: 1 s, 10 s, 1 min, 10 min, 1 h; powers of ten where few are within `[lo, hi]`. */
export function logTimeTicks(lo: number, hi: number, count: number): number[] {
  const times = LOG_TIMES.filter((time) => time >= lo && time <= hi);
  if (lo < 1 || times.length < 3) return logTicks(lo, hi, count);
  const every = Math.ceil(times.length / Math.max(1, count));
  return times.filter((_, i) => i % every === 0);
}

/** Zero, and the same powers of ten on both sides of it, as far as the axis is logarithmic. */
export function symlogTicks(lo: number, hi: number, count: number): number[] {
  if (!(hi > lo)) return [lo];
  const last = Math.floor(Math.log10(Math.max(Math.abs(lo), Math.abs(hi))) + 1e-9);
  const first = Math.round(Math.log10(symlogConstant([lo, hi]))) + 1;
  const sides = lo < 0 && hi > 0 ? 2 : 1;
  const every = Math.max(1, Math.ceil(((last - first + 1) * sides) / Math.max(1, count)));
  const ticks = lo <= 0 && hi >= 0 ? [0] : [];
  for (let e = last; e >= first; e -= every) ticks.push(Number(`1e${e}`), -Number(`1e${e}`));
  const shown = ticks.filter((v) => v >= lo && v <= hi).sort((a, b) => a - b);
  return shown.length > 1 ? shown : linearTicks(lo, hi, count);
}

export function ticksOf(scale: Scale, [lo, hi]: Range, count: number): number[] {
  if (scale === "log" && lo > 0) return logTicks(lo, hi, count);
  return scale === "symlog" ? symlogTicks(lo, hi, count) : linearTicks(lo, hi, count);
}

/** The labels of an axis, and what all of them share: a factor or a summand that is written once. */
export interface TickLabels {
  readonly texts: readonly string[];
  /** `×1e−12`, or `1,000,000,000 +`. */
  readonly note: string | null;
}

/** Characters that fit next to the left axis of a chart. */
const LABEL_CHARS = 6;
/** Numbers below it are clearer as multiples of a power of ten than as a sum. */
const SMALL_SIZE = 0.1;

/** Labels that fit next to an axis and differ from each other, however large, small or near the values are. */
export function labelTicks(ticks: readonly number[]): TickLabels {
  // 5e−4 next to 0.001 looks like two kinds of numbers
  const isInPowers = ticks.some((v) => v !== 0 && Math.abs(v) < SMALL);
  const texts = ticks.map((v) =>
    isInPowers && v !== 0 && Math.abs(v) < 1 ? formatMagnitude(v, 2) : formatTick(v),
  );
  if (new Set(texts).size === texts.length && texts.every((text) => text.length <= LABEL_CHARS))
    return { texts, note: null };
  const size = Math.max(...ticks.map(Math.abs));
  const span = ticks[ticks.length - 1]! - ticks[0]!;
  const power = Math.floor(Math.log10(size));
  const scaled = ticks.map((v) => formatTick(Number((v / 10 ** power).toPrecision(6))));
  const isNarrow = size > span * 20;
  // 4.1, 4.15, 4.2 of a rate are read as one number each, and stay as they are when a run is added
  const isReadable = size < SMALL_SIZE && scaled.every((text) => text.length <= LABEL_CHARS);
  if (isNarrow && !(isReadable && new Set(scaled).size === scaled.length)) {
    const base = ticks[0]!;
    const over = (v: number) => `+${formatTick(Number((v - base).toPrecision(6)))}`;
    return { texts: ticks.map(over), note: `${formatExactly(base)} +` };
  }
  return { texts: scaled, note: `×${formatTick(Number(`1e${power}`))}` };
}

/** The end of an axis: the next round number when it is so near that the curves still fill the chart. */
export function roundEnd(lo: number, hi: number): number {
  const step = niceStep((hi - lo) / 4);
  const end = Math.ceil(hi / step - 1e-9) * step;
  return end - hi < (hi - lo) * 0.02 ? end : hi;
}

function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const f = raw / power;
  return (f < 1.5 ? 1 : f < 3.5 ? 2 : f < 7.5 ? 5 : 10) * power;
}

function multiples(lo: number, hi: number, step: number): number[] {
  const isWhole = Number.isInteger(step);
  // values that differ by their rounding alone: no round number is between them, and `i + 1` may be `i`
  const least = isWhole ? 2 * Number.EPSILON : ROUNDING;
  if (step < Math.max(Math.abs(lo), Math.abs(hi)) * least) return [lo];
  const out: number[] = [];
  const first = Math.ceil(lo / step - 1e-9);
  const last = Math.floor(hi / step + 1e-9);
  for (let i = first; i <= last; i++) {
    // 3 * 0.1 is 0.30000000000000004: round to the step's own digits
    out.push(i === 0 ? 0 : isWhole ? i * step : Number((i * step).toPrecision(12)));
  }
  return out;
}
