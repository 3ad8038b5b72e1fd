/**
 * The ranges of axes that several panels of a section have together: each tells its own, all draw the whole.
 */

import { createContext, useContext, useEffect, useSyncExternalStore } from "react";
import type { Range } from "@/data/view/view";

/** By axis, such as steps on a linear scale, and then by panel. */
export class SharedRanges {
  readonly #own = new Map<string, Map<string, Range>>();
  readonly #whole = new Map<string, Range>();
  readonly #listeners = new Set<() => void>();

  /** Null: the panel has none, or none any more. */
  put(axis: string, panel: string, range: Range | null): void {
    const own = this.#own.get(axis) ?? new Map<string, Range>();
    if (range) own.set(panel, range);
    else own.delete(panel);
    this.#own.set(axis, own);
    const ranges = [...own.values()];
    const lo = Math.min(...ranges.map((range) => range[0]));
    const hi = Math.max(...ranges.map((range) => range[1]));
    const before = this.#whole.get(axis);
    if (ranges.length === 0) this.#whole.delete(axis);
    else if (before?.[0] !== lo || before[1] !== hi) this.#whole.set(axis, [lo, hi]);
    if (this.#whole.get(axis) !== before) for (const listener of this.#listeners) listener();
  }

  /** The same object until it changes; null: no panel has a range. */
  of(axis: string): Range | null {
    return this.#whole.get(axis) ?? null;
  }

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };
}

/** Null where panels stand by themselves. */
export const SharedRangesContext = createContext<SharedRanges | null>(null);

const NOBODY = () => () => {};

/** The range of all, and the function to report one's own; null and nothing where the axis is null. */
export function useSharedRange(panel: string, axis: string | null) {
  const shared = useContext(SharedRangesContext);
  const whole = useSyncExternalStore(shared?.subscribe ?? NOBODY, () =>
    axis === null ? null : (shared?.of(axis) ?? null),
  );
  useEffect(() => {
    if (axis !== null) return () => shared?.put(axis, panel, null);
  }, [shared, axis, panel]);
  const report = (range: Range | null) => {
    if (axis !== null) shared?.put(axis, panel, range);
  };
  return { whole, report };
}
