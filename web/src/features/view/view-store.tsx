/**
 * A view for its components: they take the part they show (`useView`), and nothing else renders when another part
 * changes. A page has one of its own (`page-view`), a grid of panels inside of a text another one.
 */

import { createContext, type ReactNode, useContext, useEffect, useMemo } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { ProjectRef } from "@/api/types";
import type { View } from "@/data/view/view";
import { takeBackAct, undoOf, useHasAct } from "../last-act";
import { type Held, isEdited, type SetView, type ViewStore } from "./held-view";

interface Provided {
  readonly store: ViewStore;
  /** The project of the page's saved views; null: it saves none. */
  readonly project: ProjectRef | null;
}

const ViewContext = createContext<Provided | null>(null);

interface ViewStoreProviderProps {
  readonly store: ViewStore;
  /** The project of the page's saved views; absent where it saves none. */
  readonly project?: ProjectRef | null;
  readonly children: ReactNode;
}

/** Gives components a view that their page, or a part of it, holds. */
export function ViewStoreProvider({ store, project = null, children }: ViewStoreProviderProps) {
  const provided = useMemo(() => ({ store, project }), [store, project]);
  return <ViewContext value={provided}>{children}</ViewContext>;
}

function useProvided(): Provided {
  const provided = useContext(ViewContext);
  if (!provided) throw new Error("a view needs a ViewStoreProvider around it");
  return provided;
}

export function useViewStore(): ViewStore {
  return useProvided().store;
}

/** The project whose views can be saved here; null on a page whose view is its own. */
export function useViewsProject(): ProjectRef | null {
  return useProvided().project;
}

/**
 * A part of the view; the component renders when that part changes.
 *
 * What is selected is compared field by field, so `settingsOf(view, panel)` may be selected, too.
 */
export function useView<T>(select: (view: View) => T): T {
  return useStore(
    useViewStore(),
    useShallow(({ view }: Held) => select(view)),
  );
}

/** Reads the view as it is, in handlers: nothing renders when it changes. Always the same function. */
export function useReadView(): () => View {
  const store = useViewStore();
  return useMemo(() => () => store.getState().view, [store]);
}

/** The function that changes the view; always the same one. */
export function useSetView(): SetView {
  return useViewStore().set;
}

/** The way back, and forth again: the same as by the keyboard. */
export function useViewHistory() {
  const store = useViewStore();
  const hasAct = useHasAct();
  const canUndo = useStore(store, ({ history }) => history.past.length > 0) || hasAct;
  const canRedo = useStore(store, ({ history }) => history.future.length > 0);
  return useMemo(
    () => ({ undo: () => undoLast(store), redo: store.redo, canUndo, canRedo }),
    [store, canUndo, canRedo],
  );
}

/** Take back the newest change, of the view or on the server. */
function undoLast(store: ViewStore): void {
  if (!takeBackAct(store.getState().history.past.at(-1)?.millis)) store.undo();
}

/** The view's origin, whether that is known, and whether the view was changed since. */
export function useViewBase() {
  return useStore(
    useViewStore(),
    useShallow((held: Held) => ({
      base: held.base,
      unsaved: held.unsaved,
      unlinked: held.unlinked,
      isEdited: isEdited(held),
      isKnown: held.base.kind !== "none" || held.opening === null,
    })),
  );
}

/** Ctrl+Z and Ctrl+Shift+Z (⌘ on a Mac), but in a field, which has its own. */
export function useUndoKeys(store: ViewStore): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const way = undoOf(event);
      if (way === null) return;
      event.preventDefault();
      if (way === "redo") store.redo();
      else undoLast(store);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [store]);
}
