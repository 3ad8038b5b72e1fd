/** The grid whose settings are open: the page has room for one. */

import { useEffect } from "react";
import { create } from "zustand";
import type { ViewStore } from "../../../view/held-view";

const useEditedGrid = create<{ readonly id: string | null }>(() => ({ id: null }));

/** Closes the settings of a grid when those of another are opened. */
export function useOnlyEdited(id: string, store: ViewStore): void {
  const isOther = useEditedGrid((state) => state.id !== null && state.id !== id);
  useEffect(
    () =>
      store.subscribe(({ view }, { view: before }) => {
        if (view.edited !== null && before.edited === null) useEditedGrid.setState({ id });
      }),
    [id, store],
  );
  useEffect(() => {
    if (isOther && store.getState().view.edited !== null) store.set({ edited: null });
  }, [isOther, store]);
}
