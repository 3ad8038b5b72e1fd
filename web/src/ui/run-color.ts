/**
 * The colour of each run: by hash of its id, or a person's own choice, kept in this browser.
 */

import { create } from "zustand";
import { colorOf } from "@/data/color";
import { readStored, writeStored } from "./stored";

interface ColorState {
  readonly chosen: Readonly<Record<string, number>>;
  /** Choose one of the twelve, or with null go back to the run's own. */
  choose(runId: string, color: number | null): void;
}

function storedColors(): Record<string, number> {
  try {
    return JSON.parse(readStored("run-colors") ?? "{}") as Record<string, number>;
  } catch {
    return {};
  }
}

export const useRunColors = create<ColorState>((set) => ({
  chosen: storedColors(),
  choose: (runId, color) =>
    set(({ chosen }) => {
      const next = { ...chosen };
      if (color === null) delete next[runId];
      else next[runId] = color;
      writeStored("run-colors", JSON.stringify(next));
      return { chosen: next };
    }),
}));

/** A run's colour, 1 … 12. */
export function useRunColor(runId: string): number {
  return useRunColors((state) => state.chosen[runId]) ?? colorOf(runId);
}
