/**
 * Holds the view of the workspace on the page and keeps the URL in step with it.
 */

import { useLocation, useNavigate } from "@tanstack/react-router";
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import { createStore, type StoreApi, useStore } from "zustand";
import { type SearchText, searchFromView, viewFromSearch, type WorkspaceView } from "./view";

/** A slider moves sixty times a second; the URL need not. */
const WRITE_MILLIS = 200;

const ViewContext = createContext<StoreApi<WorkspaceView> | null>(null);

function useViewStore(): StoreApi<WorkspaceView> {
  const store = useContext(ViewContext);
  if (!store) throw new Error("a workspace needs a ViewProvider around it");
  return store;
}

/** A part of the view; the component renders when that part changes. */
export function useView<T>(select: (view: WorkspaceView) => T): T {
  return useStore(useViewStore(), select);
}

/** The function that changes the view: a part, or a part from the view before. */
export function useSetView(): StoreApi<WorkspaceView>["setState"] {
  return useViewStore().setState;
}

function textOf(search: SearchText): string {
  return new URLSearchParams(search).toString();
}

export function ViewProvider({ children }: { children: ReactNode }) {
  const search = useLocation({ select: (location) => location.search as SearchText });
  const navigate = useNavigate();
  const [store] = useState(() => createStore<WorkspaceView>(() => viewFromSearch(search)));
  const written = useRef(textOf(searchFromView(store.getState())));

  // back, forward or a link: the URL changes the view
  useEffect(() => {
    const text = textOf(search);
    if (text === written.current) return;
    written.current = text;
    store.setState(viewFromSearch(search), true);
  }, [search, store]);

  // and the view changes the URL, without an entry in the history for each
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = store.subscribe((view) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const next = searchFromView(view);
        const text = textOf(next);
        if (text === written.current) return;
        written.current = text;
        void navigate({ to: ".", search: next, replace: true, resetScroll: false });
      }, WRITE_MILLIS);
    });
    return () => {
      end();
      clearTimeout(timer);
    };
  }, [store, navigate]);

  return <ViewContext value={store}>{children}</ViewContext>;
}
