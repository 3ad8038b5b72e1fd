/**
 * What the kinds of x axis are called.
 */

import type { AxisKind } from "@/data/view/settings";

interface AxisWords {
  readonly value: AxisKind;
  /** Where the place says that it is an axis. */
  readonly label: string;
  /** By itself. */
  readonly words: string;
}

export const AXES: readonly AxisWords[] = [
  { value: "step", label: "Step", words: "Step" },
  { value: "time", label: "Relative", words: "Relative time" },
  { value: "wall", label: "Wall", words: "Wall time" },
  { value: "metric", label: "Metric", words: "A metric" },
  { value: "defined", label: "Defined", words: "What define_metric says" },
];
