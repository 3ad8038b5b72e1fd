/**
 * Options of a bar panel. Pure.
 */

import { choice, optionsReader } from "../settings/options";

export const BAR_OPTIONS = {
  /** Of all points of the metric. */
  figure: choice("Value", "latest", { latest: "Latest", max: "Max", min: "Min", mean: "Mean" }),
  /** As the runs list, or by the bar's length. */
  order: choice("Order", "list", { list: "As listed", falling: "Largest first", rising: "Smallest first" }),
  /** Of groups; a run by itself is a bar. */
  look: choice("Groups as", "bar", { bar: "Bars", box: "Boxes", violin: "Violins" }),
};

export const barOptions = optionsReader(BAR_OPTIONS);
