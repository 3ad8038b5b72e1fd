/**
 * The colour of each run: by hash of its id, spread over the runs seen with it, or a person's own choice;
 * kept in this browser. Groups have theirs in the same way, by `groupId`.
 */

import { useCallback, useLayoutEffect, useMemo } from "react";
import { create } from "zustand";
import { colorOf, spreadColors } from "@/data/color";
import { readStored, writeStored } from "./stored";

type Colors = Readonly<Record<string, number>>;

interface ColorState {
  /** By a person. */
  readonly chosen: Colors;
  /** By which runs were first seen together. */
  readonly spread: Colors;
  /** Choose one of the twelve, or with null go back to the run's own. */
  choose(runId: string, color: number | null): void;
  /** Keep the colours that runs were given. */
  keep(fresh: Colors): void;
}

/** Spread colours that are kept; the oldest are forgotten first. */
const KEPT = 2000;

function storedColors(name: string): Colors {
  try {
    return JSON.parse(readStored(name) ?? "{}") as Colors;
  } catch {
    return {};
  }
}

export const useRunColors = create<ColorState>((set) => ({
  chosen: storedColors("run-colors"),
  spread: storedColors("run-spread"),
  choose: (runId, color) =>
    set(({ chosen }) => {
      const { [runId]: _, ...others } = chosen;
      const next = color === null ? others : { ...others, [runId]: color };
      writeStored("run-colors", JSON.stringify(next));
      return { chosen: next };
    }),
  keep: (fresh) =>
    set(({ spread }) => {
      const next = Object.fromEntries(Object.entries({ ...spread, ...fresh }).slice(-KEPT));
      writeStored("run-spread", JSON.stringify(next));
      return { spread: next };
    }),
}));

/** The colour that a run has when nobody chooses one. */
export function ownColor(runId: string, spread: Colors): number {
  return spread[runId] ?? colorOf(runId);
}

/** A run's colour, 1 … 12. */
export function useRunColor(runId: string): number {
  return useRunColors(({ chosen, spread }) => chosen[runId] ?? ownColor(runId, spread));
}

/** The colour, 1 … 12, of any run or group. */
export function useColorOf(): (id: string) => number {
  const { chosen, spread } = useRunColors();
  return useCallback((id) => chosen[id] ?? ownColor(id, spread), [chosen, spread]);
}

/** Colours of what is seen together: as far as there are twelve, each has another one. */
export function useSpreadColors(ids: readonly string[]): (id: string) => number {
  const { chosen, spread, keep } = useRunColors();
  const fresh = useMemo(() => spreadColors(ids, { ...spread, ...chosen }), [ids, chosen, spread]);
  // before the first paint: nothing changes its colour under one's eyes
  useLayoutEffect(() => {
    if (Object.keys(fresh).length > 0) keep(fresh);
  }, [fresh, keep]);
  return useCallback((id) => chosen[id] ?? fresh[id] ?? ownColor(id, spread), [chosen, fresh, spread]);
}
