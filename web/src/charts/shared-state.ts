/**
 * What all charts, legends and lists share while the pointer moves: the lit run, crosshair, gesture, tooltip.
 *
 * Plain stores without React, so that a move of the pointer renders no component but the tooltip.
 */

import type { Range } from "@/data/view/view";

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

/** The run's id, or `groupId`, that is lit everywhere, or null. */
export const litRun: Store<string | null> = createStore<string | null>(null);

/** Where the pointer is on the x axis, for all charts with the same axis. */
export interface Crosshair {
  /** `XAxis.key`. */
  readonly axis: string;
  readonly x: number;
  /** The chart that the pointer is over. */
  readonly from: object;
}

export const crosshair: Store<Crosshair | null> = createStore<Crosshair | null>(null);

/** The range that a chart is being dragged or wheeled to, before it is the view's. */
export interface Gesture {
  readonly axis: string;
  readonly range: Range;
  readonly from: object;
}

export const gesture: Store<Gesture | null> = createStore<Gesture | null>(null);

/** Whether charts with the same x axis share crosshair and zoom; the page sets it. */
export const isSynced: Store<boolean> = createStore(true);

export interface TipRow {
  /** The curve's. */
  readonly id: string;
  readonly name: string;
  readonly color: number;
  readonly stroke: "solid" | "dashed" | "dotted";
  readonly isBaseline: boolean;
  readonly value: string;
  /** `min – max` of the bucket or the group, where they differ. */
  readonly range: string | null;
  /** Against the baseline's value there: `+0.0031`. */
  readonly delta: string | null;
  readonly isNear: boolean;
}

/** A mark of the chart that the pointer is on. */
export interface TipMark {
  readonly look: "danger" | "warning" | "plain";
  readonly text: string;
  /** Whose it is; null: all runs'. */
  readonly name: string | null;
}

export interface Tip {
  readonly title: string;
  readonly at: string;
  readonly rows: readonly TipRow[];
  readonly marks: readonly TipMark[];
  readonly nHigher: number;
  readonly nLower: number;
  /** The pointer, and the lowest y that may be covered, in px of the viewport. */
  readonly left: number;
  readonly top: number;
  readonly floor: number;
}

export const tip: Store<Tip | null> = createStore<Tip | null>(null);
