/** Ticks of an axis of wall times, in the browser's time zone: round times of day, then days. Pure. */

import { timeTicks } from "./ticks";

const DAY = 86_400;

/** Seconds since 1970 at round local times in `[lo, hi]`, about `count` of them. */
export function wallTicks(lo: number, hi: number, count: number): number[] {
  // the offset of one end: across a change to summer time the other half is an hour off the round times
  const offset = new Date(lo * 1000).getTimezoneOffset() * 60;
  return timeTicks(lo - offset, hi - offset, count).map((local) => local + offset);
}

/** Labels of such ticks: times of day, with the day where it begins or where all are days. */
export function wallLabels(ticks: readonly number[]): string[] {
  const step = ticks.length > 1 ? ticks[1]! - ticks[0]! : DAY;
  let day = "";
  return ticks.map((tick) => {
    const date = new Date(tick * 1000);
    const own = dayOf(date);
    const isNewDay = own !== day;
    day = own;
    if (step >= DAY || (isNewDay && date.getHours() === 0 && date.getMinutes() === 0)) return own;
    return timeOf(date, step < 60);
  });
}

/** A moment in full, for a badge: `Nov 20, 14:05:09`. */
export function formatWall(secs: number): string {
  const date = new Date(secs * 1000);
  return `${dayOf(date)}, ${timeOf(date, true)}`;
}

function dayOf(date: Date): string {
  return date.toLocaleDateString("en-US", { month: "short", day: "numeric" });
}

function timeOf(date: Date, hasSeconds: boolean): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return hasSeconds ? `${minutes}:${two(date.getSeconds())}` : minutes;
}
