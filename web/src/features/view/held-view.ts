/**
 * The view that a page holds, what it was made from, and the way back.
 */

import { createStore, type StoreApi } from "zustand";
import type { SavedViewInfo } from "@/api/types";
import { isSameView, withLasting } from "@/data/view/document";
import { NO_HISTORY, redone, undone, type ViewHistory, withStep } from "@/data/view/history";
import { FIRST_VIEW, type View } from "@/data/view/view";

/** What a view was made from. */
export interface Base {
  /** `none`: of a link, or on a page that saves no views. */
  readonly kind: "default" | "saved" | "none";
  /** Null: of a link; or the server did not tell. */
  readonly info: SavedViewInfo | null;
  /** As it was saved. */
  readonly view: View;
}

export const NO_BASE: Base = { kind: "none", info: null, view: FIRST_VIEW };

export interface Held {
  readonly view: View;
  readonly history: ViewHistory;
  readonly base: Base;
  /** Why the default view could not be saved; null: it is, or will be in a moment. */
  readonly unsaved: Error | null;
}

interface ChangeOptions {
  /** Changes of the same name in a row are one step of undo: a slider's. */
  readonly coalesce?: string;
}

/** Sets a part of the view, or a part made from the view before. */
export type SetView = (
  part: Partial<View> | ((view: View) => Partial<View>),
  options?: ChangeOptions,
) => void;

export interface ViewStore extends StoreApi<Held> {
  readonly set: SetView;
  undo(): void;
  redo(): void;
  /** Begins anew with a view; what was done before cannot be undone. */
  open(view: View, base: Base): void;
  /** Sets what lasts of another view; it can be undone. */
  take(lasting: View): void;
}

export function createViewStore(view: View, base: Base): ViewStore {
  const store = createStore<Held>(() => ({ view, history: NO_HISTORY, base, unsaved: null }));
  const go = (step: ReturnType<typeof undone>) => {
    if (step) store.setState(({ view }) => ({ view: { ...view, ...step.part }, history: step.history }));
  };
  const set: SetView = (change, { coalesce } = {}) =>
    store.setState(({ view, history }) => {
      const part = typeof change === "function" ? change(view) : change;
      return {
        view: { ...view, ...part },
        history: withStep(history, view, part, coalesce ?? null, performance.now()),
      };
    });
  return {
    ...store,
    set,
    undo: () => go(undone(store.getState().history)),
    redo: () => go(redone(store.getState().history)),
    open: (view, base) => store.setState({ view, base, history: NO_HISTORY, unsaved: null }),
    take: (lasting) => set((view) => withLasting(view, lasting)),
  };
}

/** Whether a saved view was changed since; the default one saves itself. */
export function isEdited({ view, base }: Held): boolean {
  return base.kind === "saved" && !isSameView(view, base.view);
}
