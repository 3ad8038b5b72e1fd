/** Words for marks of a chart: a new one, their looks, their runs. Pure. */

import type { Mark } from "@/data/view/panel";
import type { PanelRun } from "../../panel-props";

export const LOOKS: readonly { readonly value: Mark["look"]; readonly label: string }[] = [
  { value: "limit", label: "limit" },
  { value: "goal", label: "goal" },
  { value: "plain", label: "plain" },
];
export const LOOK_COLORS = {
  limit: "var(--w-warning)",
  goal: "var(--w-positive)",
  plain: "var(--w-text-2)",
} as const;
/** Instead of a run: an annotation of all of them. */
export const ALL_RUNS = "";
/** Runs that an annotation can be given to in the menu. */
const OFFERED_RUNS = 30;

export function newMark(kind: Mark["kind"], at: number): Mark {
  return { kind, at, text: "", look: kind === "threshold" ? "limit" : "plain", run: null };
}

/** The runs that an annotation can belong to; the empty text is all of them. */
export function runOptions(runs: readonly PanelRun[]) {
  return [
    { value: ALL_RUNS, label: "all runs" },
    ...runs.slice(0, OFFERED_RUNS).map((run) => ({ value: run.id, label: run.name })),
  ];
}
