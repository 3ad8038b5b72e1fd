/** Whether a running run needs attention: it is silent, or its key metric is no longer a finite number. */

import type { Run } from "@/api/types";
import { keyMetricOf } from "@/data/metrics/key-metric";
import { formatDuration, formatNoun } from "@/data/text/format";

/** A run is heard of every few seconds; the server calls it crashed much later. */
const SILENT_SECS = 120;

export interface Worry {
  readonly look: "wrn" | "dan";
  readonly text: string;
}

/** @param answeredMillis time at which the run was as it is given */
export function worryOf(run: Run, answeredMillis: number): Worry | null {
  const metric = keyMetricOf(run.summary, run.definitions);
  if (metric && !Number.isFinite(metric.value)) {
    const word = Number.isNaN(metric.value) ? "NaN" : "Inf";
    return { look: "dan", text: `${metric.key} is ${word}` };
  }
  const silentSecs = run.heartbeat_micros === null ? 0 : answeredMillis / 1000 - run.heartbeat_micros / 1e6;
  if (silentSecs > SILENT_SECS) {
    // seconds would cost the name its room
    const wholeMinutes = Math.floor(silentSecs / 60) * 60;
    return { look: "wrn", text: `no heartbeat for ${formatDuration(wholeMinutes)}` };
  }
  if (run.n_alerts > 0) return { look: "wrn", text: formatNoun(run.n_alerts, "alert") };
  return null;
}
