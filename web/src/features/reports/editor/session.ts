/** The session that all parts of the editor share: the draft, the project, the members of its objects. */

import { createContext, useCallback, useContext, useRef, useSyncExternalStore } from "react";
import * as Y from "yjs";
import { type DraftSync, EDIT_ORIGIN } from "@/api/reports/draft-sync";
import type { ProjectRef } from "@/api/types";

export type Members = Readonly<Record<string, unknown>>;

export interface Session {
  readonly sync: DraftSync;
  readonly project: ProjectRef;
  readonly report: string;
  readonly undo: Y.UndoManager;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("the editor's parts need a session around them");
  return session;
}

/** A grid's run sets and panels are maps of maps: two people who change two panels both win. */
const PARTS = new Set(["runSets", "panels"]);

function rootOf(doc: Y.Doc, kind: string): Y.Map<unknown> {
  return doc.getMap(kind === "grid" ? "grids" : "blocks");
}

export function readMembers(doc: Y.Doc, kind: string, id: string): Members | null {
  const shared = rootOf(doc, kind).get(id);
  return shared instanceof Y.Map ? (JSON.parse(jsonOf(shared.toJSON())) as Members) : null;
}

/** Whole numbers of more than 53 bits, which scripts may store, are no JSON in a browser. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === "bigint" ? Number(part) : part));
}

/** Sets members of an object, and removes those that are undefined; of a grid's parts the fields that differ. */
export function writeMembers(doc: Y.Doc, kind: string, id: string, members: Members): void {
  doc.transact(() => {
    const root = rootOf(doc, kind);
    let shared = root.get(id);
    if (!(shared instanceof Y.Map)) {
      shared = new Y.Map();
      root.set(id, shared);
    }
    const map = shared as Y.Map<unknown>;
    for (const [name, value] of Object.entries(members)) {
      if (kind === "grid" && PARTS.has(name))
        writeParts(map, name, value as Readonly<Record<string, Members>>);
      else writeValue(map, name, value);
    }
  }, EDIT_ORIGIN);
}

function writeParts(map: Y.Map<unknown>, name: string, parts: Readonly<Record<string, Members>>): void {
  let shared = map.get(name);
  if (!(shared instanceof Y.Map)) {
    shared = new Y.Map();
    map.set(name, shared);
  }
  const all = shared as Y.Map<unknown>;
  for (const id of [...all.keys()]) if (!Object.hasOwn(parts, id)) all.delete(id);
  for (const [id, members] of Object.entries(parts)) {
    let part = all.get(id);
    if (!(part instanceof Y.Map)) {
      part = new Y.Map();
      all.set(id, part);
    }
    const fields = part as Y.Map<unknown>;
    for (const key of [...fields.keys()]) if (!Object.hasOwn(members, key)) fields.delete(key);
    for (const [key, value] of Object.entries(members)) writeValue(fields, key, value);
  }
}

function writeValue(map: Y.Map<unknown>, name: string, value: unknown): void {
  if (value === undefined) map.delete(name);
  else if (jsonOf(map.get(name)) !== jsonOf(value)) map.set(name, value);
}

/** Gives a copy the members of its original. */
export function copyMembers(doc: Y.Doc, kind: string, from: string, to: string): void {
  const members = readMembers(doc, kind, from);
  if (members) writeMembers(doc, kind, to, members);
}

/** Calls the listener when members of an object change; returns the end of it. */
export function onMembers(doc: Y.Doc, kind: string, id: string, listener: () => void): () => void {
  const root = rootOf(doc, kind);
  const listen = (events: readonly Y.YEvent<Y.AbstractType<unknown>>[]) => {
    const isOwn = events.some((event) =>
      event.path.length > 0 ? event.path[0] === id : event.changes.keys.has(id),
    );
    if (isOwn) listener();
  };
  root.observeDeep(listen);
  return () => root.unobserveDeep(listen);
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
