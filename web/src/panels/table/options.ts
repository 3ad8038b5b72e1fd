/**
 * What only a table panel has. Pure.
 */

import { isInStep } from "@/data/view/media-steps";
import type { Panel } from "@/data/view/panel";
import { textOption } from "../over-runs/options";

export interface TableOptions {
  /** The run whose table is shown, and which of several: see `TableEntry`. Null: the first. */
  readonly entry: string | null;
  readonly isInStep: boolean;
}

export function tableOptions(panel: Panel): TableOptions {
  return { entry: textOption(panel.options, "entry"), isInStep: isInStep(panel) };
}
