/**
 * What all charts, legends and lists share while the pointer moves: the lit run, the crosshair, the tooltip.
 *
 * Plain stores without React, so that a move of the pointer renders no component but the tooltip.
 */

import type { Axis } from "@/data/columns";

/** A value that can be watched. */
export interface Store<T> {
  get(): T;
  set(value: T): void;
  subscribe(listener: () => void): () => void;
}

function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const tell of listeners) tell();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The id of the run that is lit everywhere, or null. */
export const litRun: Store<string | null> = createStore<string | null>(null);

/** Where the pointer is on the x axis, for all charts with the same axis. */
export interface Crosshair {
  readonly axis: Axis;
  /** Steps, or seconds. */
  readonly x: number;
  /** The chart that the pointer is over. */
  readonly from: object;
}

export const crosshair: Store<Crosshair | null> = createStore<Crosshair | null>(null);

export interface TipRow {
  readonly id: string;
  readonly name: string;
  readonly color: number;
  readonly value: string;
  /** `min – max` of the bucket, where they differ. */
  readonly range: string | null;
  readonly isNear: boolean;
}

export interface Tip {
  readonly title: string;
  readonly at: string;
  readonly rows: readonly TipRow[];
  readonly nHigher: number;
  readonly nLower: number;
  /** The pointer, and the lowest y that may be covered, in px of the viewport. */
  readonly left: number;
  readonly top: number;
  readonly floor: number;
}

export const tip: Store<Tip | null> = createStore<Tip | null>(null);
