/** The session that all parts of the editor share: the draft, its project, its undo, its uploads. */

import { createContext, useCallback, useContext, useRef, useSyncExternalStore } from "react";
import type * as Y from "yjs";
import { type DraftSync, EDIT_ORIGIN } from "@/api/reports/draft-sync";
import type { ProjectRef } from "@/api/types";
import type { ImageUploads } from "./images/uploads";
import { jsonOf, type Members, onMembers, readMembers } from "./members";

export interface Session {
  readonly sync: DraftSync;
  readonly project: ProjectRef;
  readonly report: string;
  readonly undo: Y.UndoManager;
  readonly uploads: ImageUploads;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("the editor's parts need a session around them");
  return session;
}

/** The members of an object; the component renders when they change. Null: it has none (yet). */
export function useMembers(kind: string, id: string): Members | null {
  const { doc } = useSession().sync;
  const cache = useRef<{ json: string; members: Members | null }>({ json: "", members: null });
  const subscribe = useCallback(
    (listener: () => void) => onMembers(doc, kind, id, listener),
    [doc, kind, id],
  );
  const read = useCallback(() => {
    const members = readMembers(doc, kind, id);
    const json = jsonOf(members);
    if (json !== cache.current.json) cache.current = { json, members };
    return cache.current.members;
  }, [doc, kind, id]);
  return useSyncExternalStore(subscribe, read);
}

/** A text next to the blocks: title, description, width. */
export function useMeta(name: string): [string, (value: string) => void] {
  const { doc } = useSession().sync;
  const subscribe = useCallback(
    (listener: () => void) => {
      const meta = doc.getMap("meta");
      meta.observe(listener);
      return () => meta.unobserve(listener);
    },
    [doc],
  );
  const value = useSyncExternalStore(subscribe, () => doc.getMap("meta").get(name));
  const set = useCallback(
    (next: string) => doc.transact(() => doc.getMap("meta").set(name, next), EDIT_ORIGIN),
    [doc, name],
  );
  return [typeof value === "string" ? value : "", set];
}
