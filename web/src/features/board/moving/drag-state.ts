/**
 * The drag over the board, and its target. Outside of React's state, so that a move of
 * the pointer renders the mark alone.
 */

import { create } from "zustand";
import type { Box, Drop } from "@/data/board/layout";

/** A panel by its id, or a section by its name. */
export interface Dragged {
  readonly kind: "panel" | "section";
  readonly id: string;
  readonly title: string;
}

interface DragState {
  readonly dragged: Dragged | null;
  /** Of a panel. */
  readonly drop: Drop | null;
  /** Of a section: before which it would be put, from 0, and the bar there. */
  readonly between: { readonly index: number; readonly mark: Box } | null;
}

export const NOTHING_DRAGGED: DragState = { dragged: null, drop: null, between: null };

export const useDrag = create<DragState>(() => NOTHING_DRAGGED);

/** Whether this panel or section is being dragged; renders only when that changes. */
export function useIsDragged(id: string): boolean {
  return useDrag((state) => state.dragged?.id === id);
}
