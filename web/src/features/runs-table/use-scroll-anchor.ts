/**
 * The first row in view stays where it is in a table that is scrolled, when rows above it come or go.
 */

import { type RefObject, useEffect, useRef } from "react";
import type { Span } from "@/data/table/window";
import { groupId } from "@/data/view/view";
import { runOfRow } from "../runs/run-selection";
import type { Runs } from "../runs/use-runs";
import { ROW_PX } from "./grid-layout";

interface Seen {
  /** What the rows are of: another question, or other open groups, begin anew. */
  readonly asked: unknown;
  readonly open: unknown;
  readonly total: number;
  /** By run or group, where it is. */
  readonly places: ReadonlyMap<string, number>;
}

export function useScrollAnchor(
  scroller: RefObject<HTMLElement | null>,
  runs: Runs,
  span: Span,
  open: readonly string[],
): void {
  const before = useRef<Seen | null>(null);
  useEffect(() => {
    const places = new Map<string, number>();
    for (let i = span.first; i < span.end; i++) {
      const row = runs.rowAt(i);
      const id = row?.kind === "group" ? groupId(row.group.values) : runOfRow(runs, i)?.id;
      if (id !== undefined) places.set(id, i);
    }
    const was = before.current;
    before.current = { asked: runs.asked, open, total: runs.total, places };
    const element = scroller.current;
    if (!element || element.scrollTop === 0 || !was) return;
    if (was.asked !== runs.asked || was.open !== open || was.total > runs.total) return;
    const first = Math.ceil(element.scrollTop / ROW_PX);
    const id = [...was.places].find(([, place]) => place === first)?.[0];
    const now = id === undefined ? undefined : places.get(id);
    if (now !== undefined && now !== first) element.scrollTop += (now - first) * ROW_PX;
  });
}
