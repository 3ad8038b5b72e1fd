/**
 * Options of a run comparer. Pure.
 */

import type { Panel } from "@/data/view/panel";
import { choiceOption, switchOption } from "../over-runs/options";

const AGAINST = ["shown", "good"] as const;

export interface ComparerOptions {
  /** The shown runs side by side, or the newest of them and the last good run before it. */
  readonly against: (typeof AGAINST)[number];
  /** Rows equal in all runs are folded away. */
  readonly hidesEqual: boolean;
}

export function comparerOptions({ options }: Panel): ComparerOptions {
  return {
    against: choiceOption(options, "against", AGAINST, "shown"),
    hidesEqual: switchOption(options, "hidesEqual", true),
  };
}
