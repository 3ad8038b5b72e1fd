/** The time of a line, as it stands before it. Pure. */

import type { LogLine } from "@/api/files/logs";

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

export function lineTime(
  line: LogLine,
  times: "clock" | "since",
  run: { started_micros: number | null },
): string {
  if (times === "clock") return CLOCK.format(line.time_micros / 1000);
  const secs = Math.max(0, Math.floor((line.time_micros - (run.started_micros ?? line.time_micros)) / 1e6));
  const two = (n: number) => String(n).padStart(2, "0");
  return `${Math.floor(secs / 3600)}:${two(Math.floor(secs / 60) % 60)}:${two(secs % 60)}`;
}
