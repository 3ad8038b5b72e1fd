/** The way from the search into the rows: taken once they are there, and those of what was typed. */

import { type RefObject, useRef } from "react";
import { useAwaited } from "@/ui/hooks/use-awaited";
import { useReadView } from "../view/view-store";
import type { Runs } from "./use-runs";

/** Rows that take the keys. */
export interface RowsEntry {
  /** Gives the focus to the first row. */
  enter(): void;
}

/** @param areThere whether the page has what else its rows need */
export function useEntry(
  runs: Runs,
  areThere = true,
): { readonly rows: RefObject<RowsEntry | null>; enter(): void } {
  const rows = useRef<RowsEntry>(null);
  const readView = useReadView();
  const from = useRef<{ readonly field: Element | null; readonly search: string }>(null);
  const enter = useAwaited(areThere && !runs.isPending && !runs.isOld, () => {
    const isSame = from.current?.search === readView().runSearch;
    // a person who has gone on typing, or left the field, stays where they are
    if (isSame && from.current?.field === document.activeElement) rows.current?.enter();
  });
  return {
    rows,
    enter() {
      from.current = { field: document.activeElement, search: readView().runSearch };
      enter();
    },
  };
}
