/**
 * The entries of Home's list of ended runs: a sweep of hundreds takes one, and what failed stays in sight. Pure.
 */

import type { Run } from "@/api/types";

export interface RecentEntry {
  readonly run: Run;
  /** Finished runs of its project that ended before it, with none of another project between them. */
  readonly earlier: readonly Run[];
}

/** So many finished runs of a project that follow each other have an entry each. */
const FEW_RUNS = 3;

/** @param runs those that ended last first */
export function recentEntries(runs: readonly Run[]): RecentEntry[] {
  const sequences: Run[][] = [];
  for (const run of runs) {
    const sequence = sequences.at(-1);
    if (sequence && isOfProject(sequence[0]!, run)) sequence.push(run);
    else sequences.push([run]);
  }
  return sequences.flatMap((sequence) => {
    const finished = sequence.filter(({ state }) => state === "finished");
    const earlier = finished.length > FEW_RUNS ? finished.slice(1) : [];
    const folded = new Set(earlier);
    return sequence
      .filter((run) => !folded.has(run))
      .map((run) => ({ run, earlier: run === finished[0] ? earlier : [] }));
  });
}

function isOfProject(run: Run, other: Run): boolean {
  return run.entity === other.entity && run.project === other.project;
}
