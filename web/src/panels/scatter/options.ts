/**
 * Options of a scatter panel. Pure.
 */

import type { AxisChoice } from "@/charts/axis/value-axis";
import type { Panel } from "@/data/view/panel";
import { choiceOption, switchOption, textOption } from "../over-runs/options";
import type { Scope } from "../over-runs/use-run-rows";

const SCALES: readonly AxisChoice[] = ["auto", "linear", "log", "category"];
const SCOPES: readonly Scope[] = ["shown", "listed"];

export interface ScatterOptions {
  /** Columns; null: `x` is the first parameter that varies, `y` the summary of the panel's first metric. */
  readonly x: string | null;
  readonly y: string | null;
  /** Colours the dots; null: each has its run's colour. */
  readonly tint: string | null;
  readonly xScale: AxisChoice;
  readonly yScale: AxisChoice;
  /** A straight line by least squares. */
  readonly hasFit: boolean;
  readonly scope: Scope;
}

export function scatterOptions({ options }: Panel): ScatterOptions {
  return {
    x: textOption(options, "x"),
    y: textOption(options, "y"),
    tint: textOption(options, "tint"),
    xScale: choiceOption(options, "xScale", SCALES, "auto"),
    yScale: choiceOption(options, "yScale", SCALES, "auto"),
    hasFit: switchOption(options, "hasFit", false),
    scope: choiceOption(options, "scope", SCOPES, "shown"),
  };
}
