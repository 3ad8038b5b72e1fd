/**
 * The row that the keys have left a list of runs from: back from another page, they go on there.
 */

import { type RefObject, useEffect } from "react";
import { runOfRow } from "./actions/run-selection";
import type { Runs } from "./use-runs";

/** Rows among which the run is looked for. */
const MOST_ROWS = 1000;

/** The id of the run that a key has opened last, or compared with others. */
export const leftByKey: { run: string | null } = { run: null };

/** Gives the focus back to the list and its row, unless something else has it. */
export function useReturnRow(
  runs: Runs,
  scroller: RefObject<HTMLElement | null>,
  go: (row: number) => void,
): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows alone bring the run
  useEffect(() => {
    if (leftByKey.run === null || runs.nRows === 0) return;
    if (document.activeElement !== document.body) {
      leftByKey.run = null;
      return;
    }
    const rows = Array.from({ length: Math.min(MOST_ROWS, runs.nRows) }, (_, i) => runOfRow(runs, i)?.id);
    const index = rows.indexOf(leftByKey.run);
    if (index < 0) return;
    leftByKey.run = null;
    go(index);
    scroller.current?.focus({ preventScroll: true });
  }, [runs, scroller]);
}
