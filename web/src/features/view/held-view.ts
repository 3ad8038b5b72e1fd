/** The view that a page holds, what it was made from, and the way back. */

import { createStore, type StoreApi } from "zustand";
import type { SavedViewInfo } from "@/api/types";
import { isSameView, wayBack, withLasting } from "@/data/view/document";
import { NO_HISTORY, redone, undone, type ViewHistory, withStep } from "@/data/view/history";
import { FIRST_VIEW, type View } from "@/data/view/view";

/** The view that another was made from. */
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
  /** Why the URL, for which the view is too long, has no link to it on the server; null: it shows the view. */
  readonly unlinked: Error | null;
  /** Stands for the place that the server is asked for; null: none. Another one takes its turn. */
  readonly opening: object | null;
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
  /**
   * Sets a part; what it returns takes just this back, whatever was changed since, and nothing that is undone.
   *
   * @param back the part to set then, of the view as it is by then; without it what was changed
   *   of the part since holds
   */
  setWithWayBack(part: Partial<View>, back?: (view: View) => Partial<View>): () => void;
  /** Shows an opened view; of what was done before, `former`'s changes can be undone where they made this view. */
  open(view: View, base: Base, former?: Held | null): void;
  /** Sets what lasts of another view; it can be undone. */
  take(lasting: View): void;
}

export function createViewStore(view: View, base: Base, opening: object | null = null): ViewStore {
  const store = createStore<Held>(() => ({
    view,
    history: NO_HISTORY,
    base,
    unsaved: null,
    unlinked: null,
    opening,
  }));
  const go = (way: typeof undone) => {
    const { view, history } = store.getState();
    const step = way(history, view);
    if (step) store.setState({ view: { ...view, ...step.part }, history: step.history });
  };
  const set: SetView = (change, { coalesce } = {}) =>
    store.setState(({ view, history }) => {
      const part = typeof change === "function" ? change(view) : change;
      return {
        view: { ...view, ...part },
        history: withStep(history, view, part, coalesce ?? null, performance.now()),
      };
    });
  const setWithWayBack: ViewStore["setWithWayBack"] = (part, back) => {
    const { history: before } = store.getState();
    set(part);
    const { history: after } = store.getState();
    const lastStep = after === before ? undefined : after.past.at(-1);
    return () => {
      const { history } = store.getState();
      // done again, it is another step of the same moment
      const sameStep = history.past.find((step) => step.millis === lastStep?.millis);
      if (!sameStep) return;
      if (sameStep === history.past.at(-1)) go(undone);
      else set(back ?? ((view) => wayBack(view, sameStep.before, sameStep.after)));
    };
  };
  return {
    ...store,
    set,
    setWithWayBack,
    undo: () => go(undone),
    redo: () => go(redone),
    open: (view, base, former = null) => {
      const history =
        former && isSameBase(former.base, base) && isSameView(former.view, view)
          ? former.history
          : NO_HISTORY;
      store.setState({ view, base, history, unsaved: null, opening: null });
    },
    take: (lasting) => set((view) => withLasting(view, lasting)),
  };
}

/** Whether both are of one view, also where it was saved in between. */
export function isSameBase(a: Base, b: Base): boolean {
  return a.kind === b.kind && (a.kind !== "saved" || a.info?.id === b.info?.id);
}

/** Whether a saved view was changed since; the default one saves itself. */
export function isEdited({ view, base }: Held): boolean {
  return base.kind === "saved" && !isSameView(view, base.view);
}
