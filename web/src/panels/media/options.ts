/**
 * What only a media panel has. Pure.
 */

import { isInStep } from "@/data/view/media-steps";
import type { Panel } from "@/data/view/panel";
import { numberOption, switchOption, textsOption } from "../over-runs/options";

export interface MediaOptions {
  /** Least width of an image, px. */
  readonly size: number;
  /** Of a list that was logged in one step, so many are shown at first. */
  readonly nItems: number;
  /** It moves through the steps together with other panels that do. */
  readonly isInStep: boolean;
  /** Layers of boxes and masks that are not drawn, by name. */
  readonly offLayers: readonly string[];
  /** Classes that are not drawn, by name. */
  readonly offClasses: readonly string[];
  /** Boxes with a lower score are not drawn; by name of the score. */
  readonly minScores: Readonly<Record<string, number>>;
  /** The background of masks is painted, too: see `isBackground`. */
  readonly hasBackground: boolean;
  /** Of masks, from 0 to 1. */
  readonly opacity: number;
}

export const SIZES = [64, 480] as const;
const SIZE = 160;
const ITEMS = 8;
const MOST_ITEMS = 1000;
const OPACITY = 0.5;

export function mediaOptions(panel: Pick<Panel, "options">): MediaOptions {
  const { options } = panel;
  return {
    size: within(numberOption(options, "size") ?? SIZE, ...SIZES),
    nItems: within(Math.round(numberOption(options, "nItems") ?? ITEMS), 1, MOST_ITEMS),
    isInStep: isInStep(panel),
    offLayers: textsOption(options, "offLayers"),
    offClasses: textsOption(options, "offClasses"),
    minScores: scores(options.minScores),
    hasBackground: switchOption(options, "hasBackground", false),
    opacity: within(numberOption(options, "opacity") ?? OPACITY, 0, 1),
  };
}

function within(value: number, lo: number, hi: number): number {
  return Math.max(lo, Math.min(hi, value));
}

function scores(value: unknown): Readonly<Record<string, number>> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter(([, least]) => typeof least === "number" && Number.isFinite(least)),
  );
}
