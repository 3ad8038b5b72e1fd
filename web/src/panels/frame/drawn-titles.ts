/**
 * The titles that panels show where their data make them, by panel: `loss min against lr`. A search finds them.
 *
 * Kept while the page is there: a panel that a search leaves out is not drawn, and must be found by the next one.
 */

import { useSyncExternalStore } from "react";

const titles = new Map<string, string>();
const listeners = new Set<() => void>();

export function noteDrawnTitle(panel: string, title: string): void {
  if (titles.get(panel) === title) return;
  titles.set(panel, title);
  for (const tell of listeners) tell();
}

export function drawnTitles(): ReadonlyMap<string, string> {
  return titles;
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

/** The title that a panel was drawn with last; undefined: it was not drawn yet. */
export function useDrawnTitle(panel: string): string | undefined {
  return useSyncExternalStore(subscribe, () => titles.get(panel));
}
