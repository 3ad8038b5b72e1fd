/** Projects that a person keeps at the top, in this browser. */

import { create } from "zustand";
import { readStored, writeStored } from "@/ui/browser/stored";

const NAME = "pinned-projects";

interface Pinned {
  /** `projectId`s. */
  readonly ids: readonly string[];
  flip(id: string): void;
}

function stored(): readonly string[] {
  try {
    const read: unknown = JSON.parse(readStored(NAME) ?? "[]");
    return Array.isArray(read) ? read.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

export const usePinnedProjects = create<Pinned>((set) => ({
  ids: stored(),
  flip: (id) =>
    set(({ ids }) => {
      const next = ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id];
      writeStored(NAME, JSON.stringify(next));
      return { ids: next };
    }),
}));
