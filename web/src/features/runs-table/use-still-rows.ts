/**
 * The rows in view, still while somebody points at them or edits one: values change, their order waits.
 *
 * A new run above, or a metric that the table is sorted by, would else move another run under the pointer.
 * When nobody points and the table is scrolled, the first row in view stays where it is.
 */

import { type RefObject, useEffect, useReducer, useRef } from "react";
import type { RunRow } from "@/api/run-rows";
import type { Span } from "@/data/table/window";
import type { Runs, RunsListRow } from "../runs/use-runs";
import { ROW_PX } from "./grid-layout";

export interface StillRow {
  readonly row: RunsListRow;
  /** Of a row of a run; null: on its way. */
  readonly run: RunRow | null;
}

interface Shown {
  /** What the rows are of: with another question, or other open groups, nothing is held. */
  readonly asked: unknown;
  readonly open: unknown;
  readonly total: number;
  readonly rows: ReadonlyMap<number, StillRow>;
}

function nameOf(still: StillRow | undefined): string | null {
  if (!still) return null;
  if (still.row.kind === "group") return JSON.stringify(still.row.group.values);
  return still.run?.id ?? null;
}

/** Whether some row is another one than before, as far as both are here. */
function hasMoved(before: ReadonlyMap<number, StillRow>, fresh: ReadonlyMap<number, StillRow>): boolean {
  for (const [i, still] of fresh) {
    const [was, is] = [nameOf(before.get(i)), nameOf(still)];
    if (was !== null && is !== null && was !== is) return true;
  }
  return false;
}

export function useStillRows(
  scroller: RefObject<HTMLElement | null>,
  runs: Runs,
  span: Span,
  open: readonly string[],
  isEditing: boolean,
) {
  const [, render] = useReducer((n: number) => n + 1, 0);
  const isPointedAt = useRef(false);
  const shown = useRef<Shown | null>(null);

  const fresh = new Map<number, StillRow>();
  for (let i = span.first; i < span.end; i++) {
    const row = runs.rowAt(i);
    if (row) fresh.set(i, { row, run: row.kind === "run" ? runs.runAt(row) : null });
  }
  const before = shown.current;
  const isSame =
    before !== null && before.asked === runs.asked && before.open === open && before.total <= runs.total;
  const moved = isSame && hasMoved(before.rows, fresh);
  const isHeld = moved && (isPointedAt.current || isEditing);
  const rows = isHeld ? heldRows(before.rows, fresh) : fresh;

  useEffect(() => {
    const element = scroller.current;
    if (moved && !isHeld && element && element.scrollTop > 0 && before) {
      const first = Math.ceil(element.scrollTop / ROW_PX);
      const was = nameOf(before.rows.get(first));
      const now = was === null ? undefined : [...fresh].find(([, still]) => nameOf(still) === was)?.[0];
      if (now !== undefined && now !== first) element.scrollTop += (now - first) * ROW_PX;
    }
    if (!isHeld) shown.current = { asked: runs.asked, open, total: runs.total, rows: fresh };
  });

  const release = () => {
    isPointedAt.current = false;
    render();
  };
  const isHeldNow = useRef(false);
  useEffect(() => {
    isHeldNow.current = isHeld;
  }, [isHeld]);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const onMove = () => {
      isPointedAt.current = true;
    };
    const onEnd = () => {
      isPointedAt.current = false;
      if (isHeldNow.current) render();
    };
    element.addEventListener("pointermove", onMove, { passive: true });
    element.addEventListener("pointerleave", onEnd);
    element.addEventListener("scroll", onEnd, { passive: true });
    return () => {
      element.removeEventListener("pointermove", onMove);
      element.removeEventListener("pointerleave", onEnd);
      element.removeEventListener("scroll", onEnd);
    };
  }, [scroller]);
  return { rows, isHeld, release };
}

/** The rows of before with what is known of them now. */
function heldRows(
  before: ReadonlyMap<number, StillRow>,
  fresh: ReadonlyMap<number, StillRow>,
): ReadonlyMap<number, StillRow> {
  const byName = new Map([...fresh.values()].map((still) => [nameOf(still), still]));
  const rows = new Map<number, StillRow>();
  for (const [i, still] of fresh) {
    const was = before.get(i);
    const now = was && byName.get(nameOf(was));
    if (!was) rows.set(i, still);
    else rows.set(i, { row: now?.row.kind === "group" ? now.row : was.row, run: now?.run ?? was.run });
  }
  return rows;
}
