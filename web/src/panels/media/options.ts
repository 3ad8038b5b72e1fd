import {
  amount,
  choice,
  inStep,
  numbersByName,
  type OptionsOf,
  optionsReader,
  readSwitch,
  texts,
  whole,
} from "../settings/options";

export const SIZES = [64, 480] as const;

export const MEDIA_OPTIONS = {
  /** One step with a slider, or runs × steps. */
  layout: choice("Layout", "gallery", { gallery: "Gallery", grid: "Grid of runs × steps" }),
  /** Least width of an image, px. */
  size: amount(160, ...SIZES),
  /** Of a list that was logged in one step, so many are shown at first. */
  nItems: whole("Of each list", 8, 1, 1000),
  isInStep: inStep,
  /** Layers of boxes and masks that are not drawn, by name. */
  offLayers: texts,
  /** Classes that are not drawn, by name. */
  offClasses: texts,
  /** Boxes with a lower score are not drawn; by name of the score. */
  minScores: numbersByName,
  /** The background of masks is painted, too: see `isBackground`. */
  hasBackground: readSwitch(false),
  /** Of masks, from 0 to 1. */
  opacity: amount(0.5, 0, 1),
};

export type MediaOptions = OptionsOf<typeof MEDIA_OPTIONS>;
export const mediaOptions = optionsReader(MEDIA_OPTIONS);
