/**
 * What only a panel of latest values has. Pure.
 */

import type { Panel } from "@/data/view/panel";
import { choiceOption } from "../over-runs/options";

const ROWS = ["runs", "metrics"] as const;

export interface LatestOptions {
  /** What stands below each other. */
  readonly rows: (typeof ROWS)[number];
}

export function latestOptions({ options }: Panel): LatestOptions {
  return { rows: choiceOption(options, "rows", ROWS, "runs") };
}
