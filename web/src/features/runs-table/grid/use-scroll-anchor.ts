/** The first row in view stays where it is in a table that is scrolled, when rows above it come or go. */

import { type RefObject, useEffect, useRef } from "react";
import type { Span } from "@/data/table/window";
import { groupId } from "@/data/view/view";
import { runOfRow } from "../../runs/actions/run-selection";
import type { Runs } from "../../runs/use-runs";
import { ROW_PX } from "./grid-layout";

interface Seen {
  /** Request of the rows: with another one, or other open groups, the anchor starts over. */
  readonly request: unknown;
  readonly open: unknown;
  readonly total: number;
  /** By run or group, where it is. */
  readonly rowIndexes: ReadonlyMap<string, number>;
}

export function useScrollAnchor(
  scroller: RefObject<HTMLElement | null>,
  runs: Runs,
  span: Span,
  open: readonly string[] | null,
): void {
  const before = useRef<Seen | null>(null);
  useEffect(() => {
    const rowIndexes = new Map<string, number>();
    for (let i = span.first; i < span.end; i++) {
      const row = runs.rowAt(i);
      const id = row?.kind === "group" ? groupId(row.group.values) : runOfRow(runs, i)?.id;
      if (id !== undefined) rowIndexes.set(id, i);
    }
    const was = before.current;
    before.current = { request: runs.request, open, total: runs.total, rowIndexes };
    const element = scroller.current;
    if (!element || element.scrollTop === 0 || !was) return;
    if (was.request !== runs.request || was.open !== open || was.total > runs.total) return;
    const first = Math.ceil(element.scrollTop / ROW_PX);
    const id = [...was.rowIndexes].find(([, index]) => index === first)?.[0];
    const now = id === undefined ? undefined : rowIndexes.get(id);
    if (now !== undefined && now !== first) element.scrollTop += (now - first) * ROW_PX;
  });
}
