/**
 * The state that all charts, legends and lists share while the pointer moves: the highlighted run, crosshair,
 * gesture, tooltip, pin.
 *
 * Plain stores without React, so that a move of the pointer renders no component but the tooltip.
 */

import type { Stroke } from "@/data/view/settings";
import type { Range } from "@/data/view/view";
import { afterRest, dropDraw, planText } from "./scheduler";

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

/** The run's id, or `groupId`, that is highlighted everywhere, or null. */
export const highlightedRun: Store<string | null> = createStore<string | null>(null);

interface Passing {
  readonly from: object;
  readonly run: string | null;
}

let passing: Passing | null = null;
let isAfterRest = true;
let endRest = () => {};

/**
 * Highlight the run that the pointer is on in a chart: there at once; in all others, in legends and lists at once after
 * a rest, and of several runs in quick succession only the one that it rests on. A pointer that crosses noisy curves
 * is on another run in each frame, and twenty charts would repaint a curve in each.
 *
 * @param from the chart
 */
export function highlightInPassing(from: object, run: string | null): void {
  if (run === highlightIn(from)) return;
  passing = null;
  if (run === highlightedRun.get()) return;
  const isFirst = isAfterRest;
  isAfterRest = false;
  endRest();
  endRest = afterRest(() => {
    isAfterRest = true;
    if (passing) highlightedRun.set(passing.run);
  });
  if (isFirst) highlightedRun.set(run);
  else passing = { from, run };
}

/** The run that is highlighted in a chart. */
export function highlightIn(chart: object): string | null {
  return passing?.from === chart ? passing.run : highlightedRun.get();
}

/** No run is highlighted anymore, nor will be. */
export function endHighlight(): void {
  passing = null;
  highlightedRun.set(null);
}

highlightedRun.subscribe(() => {
  passing = null;
});

/** Ids of the runs that are selected in the list: a density has their curves on top. */
export const selectedRuns: Store<ReadonlySet<string>> = createStore<ReadonlySet<string>>(new Set());

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
  /** Id of its highlight: see `Curve`. */
  readonly highlightId: string;
  readonly name: string;
  readonly color: number;
  /** As the curve's: see `Curve`. */
  readonly stroke: Stroke | null;
  readonly widthPx: number | null;
  readonly hasDots: boolean;
  readonly isBaseline: boolean;
  readonly value: string;
  /** `min – max` of the bucket or the group, where they differ. */
  readonly range: string | null;
  /** Against the baseline's value there: `+0.0031`. */
  readonly delta: string | null;
  /** Of the sum of all curves there, where they are drawn as parts of it: `34.2 %`. */
  readonly percent: string | null;
  /** Of how many of a group's runs the value is, where it is not of all: `3 of 5 runs`. */
  readonly part: string | null;
  /** Where the value is of, if of no step that the head names: `step 60,000`. */
  readonly position: string | null;
  readonly isNear: boolean;
}

/** A mark of the chart that the pointer is on. */
export interface TipMark {
  readonly look: "danger" | "warning" | "plain";
  readonly text: string;
  /** Name of its run; null: all runs'. */
  readonly name: string | null;
  /** The run's curve, where the mark stands in place of its value; null: it does not. */
  readonly curve: Pick<TipRow, "color" | "stroke" | "widthPx" | "hasDots" | "isBaseline"> | null;
}

export interface TipContent {
  readonly title: string;
  readonly at: string;
  readonly rows: readonly TipRow[];
  readonly marks: readonly TipMark[];
  /** The meaning of the numbers behind the values of groups; null: of runs. */
  readonly note: string | null;
  readonly nHigher: number;
  readonly nLower: number;
}

/** A place of a chart, the upper edge of its plot, and the lowest y that its tooltip may cover, in px of the viewport. */
export interface TipPosition {
  readonly left: number;
  readonly top: number;
  readonly ceiling: number;
  readonly floor: number;
}

export interface Tip extends TipContent, TipPosition {}

export const tip: Store<Tip | null> = createStore<Tip | null>(null);

/** Text of the tooltip: while the pointer moves over one chart, behind `tip` by a frame or two. */
export const tipContent: Store<TipContent | null> = createStore<TipContent | null>(null);

const newestContent = { draw: () => tipContent.set(tip.get()) };

tip.subscribe(() => {
  const now = tip.get();
  if (now !== null && now.title === tipContent.get()?.title) planText(newestContent);
  else {
    dropDraw(newestContent);
    tipContent.set(now);
  }
});

/** Where a person has pinned a tooltip and its crosshair. */
export interface Pin {
  readonly panel: string;
  /** `XAxis.key`. */
  readonly axis: string;
  readonly x: number;
  /** The height at which it was set: the tooltip's place, and which curve is the nearest. */
  readonly y: number;
  /** By keyboard: the tooltip takes the focus. */
  readonly isByKey: boolean;
}

/** The page has one. It stays where the panel's chart goes and comes again. */
export const pin: Store<Pin | null> = createStore<Pin | null>(null);

/** The pinned tooltip as the chart of its panel tells it, again with each drawing. */
export interface PinnedTip extends TipContent {
  readonly pin: Pin;
  readonly chart: HTMLElement;
  position(): TipPosition;
}

/** Null also while the chart of the pinned panel is away. */
export const pinnedTip: Store<PinnedTip | null> = createStore<PinnedTip | null>(null);
