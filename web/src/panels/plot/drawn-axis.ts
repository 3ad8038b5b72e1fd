/**
 * The x axis of panels with the axis `defined`: their curves tell it, and the page's zooms are by it.
 *
 * Kept while the page is there, so that a panel that is scrolled back into view asks for the right range at once.
 */

import { create } from "zustand";
import type { ProjectRef } from "@/api/types";

/** Of a panel that has drawn nothing yet: the axis of metrics without a definition. */
const FIRST = "step";

const useKeys = create<ReadonlyMap<string, string>>(() => new Map());

function nameOf({ entity, project }: ProjectRef, id: string): string {
  return [entity, project, id].join("\n");
}

/** `XAxis.key` of what a panel has drawn. */
export function drawnAxis(project: ProjectRef, id: string): string {
  return useKeys.getState().get(nameOf(project, id)) ?? FIRST;
}

/** @param isWhole a part of the range may lack one of two axes: it only tells what is not known yet */
export function noteDrawnAxis(project: ProjectRef, id: string, key: string, isWhole: boolean): void {
  const name = nameOf(project, id);
  const keys = useKeys.getState();
  if (keys.get(name) === key || (!isWhole && keys.has(name))) return;
  useKeys.setState(new Map(keys).set(name, key), true);
}

/** `XAxis.key` of all that panels of the project have drawn, a line each. */
export function useDrawnAxes({ entity, project }: ProjectRef): string {
  return useKeys((keys) => {
    const drawn = [...keys].flatMap(([name, key]) =>
      name.startsWith(nameOf({ entity, project }, "")) ? key : [],
    );
    return [...new Set([FIRST, ...drawn])].sort().join("\n");
  });
}

export function useDrawnAxis(project: ProjectRef, id: string): string {
  return useKeys(() => drawnAxis(project, id));
}
