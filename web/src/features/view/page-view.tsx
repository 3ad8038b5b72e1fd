/**
 * The view of a page, in its URL and with its saved views.
 *
 * With a project the view is a saved one, or the default one that saves itself; the workspace and the runs
 * table share it. Without, it is the page's own and lasts as long as its URL.
 */

import { useRouter, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { isForbidden, isSignedOut } from "@/api/client";
import type { ProjectRef } from "@/api/types";
import { mergeViews, withLasting } from "@/data/view/document";
import { FIRST_VIEW, type View } from "@/data/view/view";
import { showFailed } from "@/ui/overlays/toasts";
import { DefaultKeeper } from "./default-keeper";
import { DraftKeeper } from "./drafts";
import { type Base, createViewStore, NO_BASE, type ViewStore } from "./held-view";
import { openViewUrl } from "./open-view";
import { foreignPart, ownText, type SearchText, type ViewUrl, viewUrlFromSearch } from "./url";
import { UrlKeeper } from "./url-keeper";
import { useUndoKeys, ViewStoreProvider } from "./view-store";

/** The page that was shown last: the next page with the same URL keeps its store, including undo. */
let latest: { readonly project: ProjectRef; readonly store: ViewStore; readonly urls: UrlKeeper } | null =
  null;

function isSameProject(a: ProjectRef, b: ProjectRef): boolean {
  return a.entity === b.entity && a.project === b.project;
}

/** The view of a project that this tab showed last; null: it has shown none since it was loaded. */
export function latestViewOf(project: ProjectRef): View | null {
  return latest && isSameProject(latest.project, project) ? latest.store.getState().view : null;
}

interface ViewProviderProps {
  /** The project of its saved views; it must not change. */
  readonly project?: ProjectRef;
  readonly children: ReactNode;
}

export function ViewProvider({ project: initialProject, children }: ViewProviderProps) {
  // of this page's match: on the way to another page, the location is already that one's
  const search = useSearch({ strict: false }) as SearchText;
  const [project] = useState(initialProject ?? null);
  const [first] = useState(() => begin(project, search));
  const { store } = first;
  const [isReady, setReady] = useState(first.isReady);
  const write = useWriteUrl(search);
  const keeper = useRef<UrlKeeper | null>(null);
  useUndoKeys(store);

  const open = useEffectEvent(async (url: ViewUrl, text: string) => {
    if (!project) return;
    const before = store.getState().view;
    const token = {};
    store.setState({ opening: token });
    /** Whether it is still what the page is to show. */
    const show = (view: View, base: Base): boolean => {
      const { view: now, opening } = store.getState();
      if (opening !== token) return false;
      store.open(view, base, first.former);
      // what was changed while the server was asked holds, and can be undone
      if (now !== before) store.set(mergeViews(before, now, view));
      return true;
    };
    try {
      const { view, base, isGone } = await openViewUrl(project, url, text);
      if (!show(view, base)) return;
      const instead = base.kind === "none" ? "the link's changes of it" : "your default view";
      if (isGone) showFailed("That view was deleted", new Error(`this is ${instead}`));
    } catch (error) {
      // what the URL says is shown all the same; to save it, the server's is read again first
      const kind = url.saved ? "none" : "default";
      if (!show(url.view, { kind, info: null, view: FIRST_VIEW })) return;
      // the whole page says so then
      if (!isForbidden(error) && !isSignedOut(error)) showFailed("Your view could not be read", error);
    }
    setReady(true);
  });

  // back, forward or a link: the URL changes the view
  const follow = useEffectEvent((url: ViewUrl, text: string) => {
    const { base, view } = store.getState();
    const isSameBase = url.saved === (base.kind === "saved" ? base.info?.id : null) && base.kind !== "none";
    if (!project || (url.hasState && url.link === null && isSameBase))
      store.setState({ view: url.view, opening: null });
    else if (!url.hasState && isSameBase)
      store.setState({ view: withLasting(url.view, view), opening: null });
    else void open(url, text);
  });

  useEffect(() => {
    const text = ownText(search);
    if (keeper.current === null || text === keeper.current.text) return;
    keeper.current.text = text;
    follow(viewUrlFromSearch(search), text);
  }, [search]);

  useEffect(() => {
    const urls = new UrlKeeper({
      project,
      store,
      text: ownText(first.search),
      write: (to, isNew) => write(to, isNew),
    });
    keeper.current = urls;
    if (project) latest = { project, store, urls };
    const savers = project ? [new DefaultKeeper(project, store), new DraftKeeper(project, store)] : [];
    if (!first.isOpen) void open(first.url, ownText(first.search));
    return () => {
      urls.stop();
      for (const saver of savers) saver.stop();
      keeper.current = null;
    };
  }, [project, store, first, write]);

  if (!isReady) return null;
  return (
    <ViewStoreProvider store={store} project={project}>
      {children}
    </ViewStoreProvider>
  );
}

/** A view that lasts as long as its page is shown: neither its URL nor the server knows it. */
export function PassingViewProvider({ first, children }: { first: View; children: ReactNode }) {
  const [store] = useState(() => createViewStore(first, NO_BASE));
  useUndoKeys(store);
  return <ViewStoreProvider store={store}>{children}</ViewStoreProvider>;
}

/** The view to show at once: all of it from the URL; else the server is asked first. */
function begin(project: ProjectRef | null, search: SearchText) {
  const url = viewUrlFromSearch(search);
  const text = ownText(search);
  if (project && latest && isSameProject(latest.project, project) && latest.urls.text === text)
    return { search, url, store: latest.store, isOpen: true, isReady: true, former: null };
  const isReady = project === null || (url.hasState && url.link === null);
  const isOpen = project === null;
  const former = project && latest && isSameProject(latest.project, project) ? latest.store.getState() : null;
  return {
    search,
    url,
    store: createViewStore(url.view, NO_BASE, isOpen ? null : url),
    isOpen,
    isReady,
    /** The project's view as this tab showed it last. */
    former,
  };
}

/** Writes the URL of this page, never the URL of a page that a click has just led to. */
function useWriteUrl(search: SearchText): (to: SearchText, isNew: boolean) => void {
  const router = useRouter();
  const [pathname] = useState(window.location.pathname);
  const others = useRef(search);
  useEffect(() => {
    others.current = search;
  }, [search]);
  return useMemo(
    () => (to: SearchText, isNew: boolean) => {
      if (window.location.pathname !== pathname) return;
      const next = { ...foreignPart(others.current), ...to };
      void router.navigate({ to: ".", search: next, replace: !isNew, resetScroll: false });
      // else the router puts this and a navigation that comes at once together, and this entry keeps the old URL
      router.history.flush();
    },
    [router, pathname],
  );
}
