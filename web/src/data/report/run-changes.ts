/** Changes of the runs of a figure since it was stored. Pure. */

import { formatCount } from "../text/format";

/** A run at one moment. */
export interface RunMoment {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  /** When it was last heard of, µs: its end, or before that its last sign of life; 0: never. */
  readonly heardMicros: number;
  readonly runtimeSecs: number;
}

export interface RunChanges {
  /** Shown now, and not then. */
  readonly added: readonly RunMoment[];
  /** As they were then. */
  readonly deleted: readonly RunMoment[];
  /** There, and no longer among those that the run set shows. */
  readonly left: readonly RunMoment[];
  /** Running then. */
  readonly running: readonly RunMoment[];
  /** More was logged since; with those that were running. */
  readonly grown: readonly RunMoment[];
}

/**
 * @param then the runs that were shown
 * @param shownNow ids of the runs that would be shown now
 * @param now the runs of both as they are, without those that are deleted
 */
export function compareRuns(
  then: readonly RunMoment[],
  shownNow: readonly string[],
  now: ReadonlyMap<string, RunMoment>,
): RunChanges {
  const before = new Set(then.map(({ id }) => id));
  const shown = new Set(shownNow);
  return {
    added: shownNow.flatMap((id) => (before.has(id) ? [] : (now.get(id) ?? []))),
    deleted: then.filter(({ id }) => !now.has(id)),
    left: then.filter(({ id }) => now.has(id) && !shown.has(id)),
    running: then.filter(({ state }) => state === "running"),
    grown: then.filter((run) => hasGrown(run, now.get(run.id))),
  };
}

/** A log that comes late ends earlier than others of the run, and makes it longer. */
function hasGrown(then: RunMoment, now: RunMoment | undefined): boolean {
  return now !== undefined && (now.heardMicros > then.heardMicros || now.runtimeSecs > then.runtimeSecs);
}

export const CHANGE_TITLES = {
  added: "Added since",
  deleted: "Deleted since",
  left: "No longer in the run set",
  running: "Still running then",
  grown: "Got more data since",
} as const satisfies Record<keyof RunChanges, string>;

/** One line on the changes: `3 runs added, 1 deleted`; empty without any. */
export function changesSentence(changes: RunChanges): string {
  const parts = (
    [
      ["added", "added"],
      ["deleted", "deleted"],
      ["left", "no longer in the set"],
      ["running", "still running then"],
      ["grown", "got more data"],
    ] as const
  ).flatMap(([kind, words]) => {
    const n = changes[kind].length;
    return n === 0 ? [] : [{ n, words }];
  });
  return parts
    .map(({ n, words }, i) => `${formatCount(n)}${i === 0 ? (n === 1 ? " run" : " runs") : ""} ${words}`)
    .join(", ");
}
