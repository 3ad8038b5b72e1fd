/**
 * Options of a panel of latest values. Pure.
 */

import type { Panel } from "@/data/view/panel";
import { choiceOption } from "../over-runs/options";

const ROWS = ["runs", "metrics"] as const;

export interface LatestOptions {
  /** Rows of the table. */
  readonly rows: (typeof ROWS)[number];
}

export function latestOptions({ options }: Panel): LatestOptions {
  return { rows: choiceOption(options, "rows", ROWS, "runs") };
}
