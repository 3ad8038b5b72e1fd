/** The context that all panels of a page share: the runs, the board they stand on, what they may do. */

import { type ComponentType, createContext, useContext } from "react";
import type { Board } from "@/data/board/board";
import type { BoardLayout } from "@/data/board/layout";
import type { PanelProps, PanelSet } from "@/panels/panel-props";

export const PanelSetContext = createContext<PanelSet | null>(null);

export function usePanelSet(): PanelSet {
  const set = useContext(PanelSetContext);
  if (!set) throw new Error("panels need a board around them");
  return set;
}

/** Whether the runs of the panel set are those of the list as it is now; apart, as no panel renders with it. */
export const RunsSettledContext = createContext(true);

/** The actions on panels that a board has for its readers. */
export interface BoardMode {
  /** They look at panels, and change neither settings nor places. */
  readonly isReadOnly: boolean;
  /** Of a grid in a text, whose panels stand in no sections; null: it is the board of a page. */
  readonly gridId: string | null;
  /** More entries of a panel's menu; null: none. */
  readonly Entries: ComponentType<{ readonly id: string }> | null;
  /** The address of a panel, or with null of the page that shows it alone; null: it has none. */
  readonly linkOf: ((id: string | null) => string) | null;
}

export const BoardModeContext = createContext<BoardMode>({
  isReadOnly: true,
  gridId: null,
  Entries: null,
  linkOf: null,
});

export function useBoardMode(): BoardMode {
  return useContext(BoardModeContext);
}

export const BoardContext = createContext<Board | null>(null);

/** The board; renders with every change of it. */
export function useBoardOfPage(): Board {
  const board = useContext(BoardContext);
  if (!board) throw new Error("panels need a board around them");
  return board;
}

/** Stable functions; board and layout as they are at the moment of asking, so that no menu renders with them. */
export interface BoardActions
  extends Required<
    Pick<PanelProps, "onZoom" | "onStep" | "onChange" | "onFull" | "onEdit" | "onSpread" | "onDuplicate">
  > {
  board(): Board;
}

export const BoardActionsContext = createContext<BoardActions | null>(null);

export function useBoardActions(): BoardActions {
  const actions = useContext(BoardActionsContext);
  if (!actions) throw new Error("panels need a board around them");
  return actions;
}

/** Gives the layout as it is at the moment of asking; null before the first one. */
export const LayoutContext = createContext<() => BoardLayout | null>(() => null);

export function useLayoutNow(): () => BoardLayout | null {
  return useContext(LayoutContext);
}
