/** The processes whose lines can be chosen: ranks, or writers if the run has no ranks. */

import type { LogStream } from "@/api/files/logs";

export interface LogSource {
  /** As the address names it. */
  readonly value: string;
  readonly label: string;
  readonly writers: readonly string[];
}

export function logSources(streams: readonly LogStream[]): LogSource[] {
  const bySource = new Map<string, { label: string; writers: Set<string> }>();
  for (const { writer, labels } of streams) {
    const { rank, process } = labels;
    const value = rank === undefined ? writer : `rank ${rank}`;
    const label = rank === undefined ? `${process ?? "process"} ${writer.slice(0, 6)}` : value;
    const source = bySource.get(value) ?? { label, writers: new Set() };
    source.writers.add(writer);
    bySource.set(value, source);
  }
  return [...bySource]
    .map(([value, { label, writers }]) => ({ value, label, writers: [...writers] }))
    .sort((a, b) => a.label.localeCompare(b.label, undefined, { numeric: true }));
}
