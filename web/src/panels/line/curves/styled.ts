/**
 * Subjects that can have a style: the runs or groups that a panel draws, and its metrics and expressions. Pure.
 */

import type { Curve } from "@/charts/line/curve";
import { readableText } from "@/data/expression/expression-text";
import { groupIdText } from "@/data/runs/group-name";
import type { LineStyle } from "@/data/view/settings";
import type { PanelRun } from "../../panel-props";
import { ownerOfHighlight } from "./curves";

export interface Styled extends Pick<LineStyle, "of" | "id"> {
  /** Its own name, whatever it is called here. */
  readonly name: string;
  /** 1 … 12; null of a metric that several runs or groups have. */
  readonly color: number | null;
}

/** Runs or groups first, in the order of the curves, then metrics. */
export function styledOf(curves: readonly Curve[], runs: readonly PanelRun[]): Styled[] {
  const names = new Map(runs.map(({ id, name }) => [id, name]));
  const owners = new Map<string, Styled>();
  const metrics = new Map<string, Styled>();
  for (const { highlightId, color, columns } of curves) {
    const id = ownerOfHighlight(highlightId);
    const of = columns.group ? "group" : "run";
    if (!owners.has(id)) owners.set(id, { of, id, name: ownNameOf(of, id, names), color });
    const metric = metrics.get(columns.key);
    if (!metric)
      metrics.set(columns.key, { of: "metric", id: columns.key, name: readableText(columns.key), color });
    else if (metric.color !== color) metrics.set(columns.key, { ...metric, color: null });
  }
  return [...owners.values(), ...metrics.values()];
}

/** The name of what a style is of, also where nothing of it is drawn now. */
export function ownNameOf(of: LineStyle["of"], id: string, names: ReadonlyMap<string, string>): string {
  if (of === "metric") return readableText(id);
  if (of === "run") return names.get(id) ?? id;
  return groupText(id);
}

function groupText(id: string): string {
  try {
    return groupIdText(id);
  } catch {
    return id;
  }
}

export function keyOf({ of, id }: Pick<LineStyle, "of" | "id">): string {
  return `${of} ${id}`;
}
