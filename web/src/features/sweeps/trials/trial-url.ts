/** The part of a sweep's address that its table of trials keeps: state, text, order and columns. */

import type { Sweep } from "@/api/sweeps/sweeps";
import { type RowSort, sortText } from "@/data/table/row-sort";
import { choiceParameter, textParameter } from "../../search-state";

export const TRIAL_STATES = ["running", "queued", "finished", "stopped_early", "failed"] as const;

export type TrialStateChoice = (typeof TRIAL_STATES)[number];

export const TRIAL_URL = {
  state: choiceParameter("state", TRIAL_STATES, ""),
  search: textParameter("search"),
  sort: textParameter("sort"),
  /** Ids of the shown columns as JSON; empty for the first ones. */
  columns: textParameter("columns"),
};

/** The best first; without a metric to compare by, in the order in which they were handed out. */
export function firstOrder({ metrics }: Sweep): string {
  const metric = metrics[0];
  return metric
    ? sortText({ column: `values.${metric.name}`, isDown: metric.goal === "maximize" })
    : "number";
}

/** A click on a head: the other direction, or the direction in which one begins to read the column. */
export function clickedSort(sort: RowSort | null, column: string, { metrics }: Sweep): RowSort {
  if (sort?.column === column) return { column, isDown: !sort.isDown };
  const metric = metrics.find(({ name }) => `values.${name}` === column);
  return { column, isDown: metric?.goal === "maximize" || column === "duration" || column === "given" };
}
