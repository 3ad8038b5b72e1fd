/** Members of a draft's objects, which are in maps of its document. */

import * as Y from "yjs";
import { EDIT_ORIGIN } from "@/api/reports/draft-sync";

export type Members = Readonly<Record<string, unknown>>;

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

/**
 * Sets members of an object, and removes those that are undefined; of a grid's parts the fields that differ.
 *
 * @param origin of the change: others than `EDIT_ORIGIN` are no step of undo
 */
export function writeMembers(
  doc: Y.Doc,
  kind: string,
  id: string,
  members: Members,
  origin = EDIT_ORIGIN,
): void {
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
  }, origin);
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
