/**
 * The x axis of panels with the axis `defined`: their curves tell it, and the page's zooms are by it.
 *
 * Kept while the page is there, so that a panel that is scrolled back into view asks for the right range at once.
 */

import { useSyncExternalStore } from "react";
import type { ProjectRef } from "@/api/types";

/** Of a panel that has drawn nothing yet: the axis of metrics without a definition. */
const FIRST = "step";

const keys = new Map<string, string>();
const listeners = new Set<() => void>();

function nameOf({ entity, project }: ProjectRef, id: string): string {
  return [entity, project, id].join("\n");
}

/** `XAxis.key` of what a panel has drawn. */
export function drawnAxis(project: ProjectRef, id: string): string {
  return keys.get(nameOf(project, id)) ?? FIRST;
}

/** @param isWhole a part of the range may lack one of two axes: it only tells what is not known yet */
export function noteDrawnAxis(project: ProjectRef, id: string, key: string, isWhole: boolean): void {
  const name = nameOf(project, id);
  if (keys.get(name) === key || (!isWhole && keys.has(name))) return;
  keys.set(name, key);
  for (const tell of listeners) tell();
}

export function useDrawnAxis(project: ProjectRef, id: string): string {
  return useSyncExternalStore(subscribe, () => drawnAxis(project, id));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
