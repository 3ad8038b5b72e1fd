/** The config and summary of shared runs as flat columns. Pure. */

import type { Run } from "@/api/types";

type Scalar = string | number | boolean | null;
/** A value under its path. */
export type SharedValue = readonly [name: string, value: Scalar];

export function isScalar(value: unknown): value is Scalar {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

/** The leaves of a config or a summary, by path; objects with a `_type` and lists are left out. */
export function leavesOf(value: object, prefix = ""): ReadonlyMap<string, Scalar> {
  const leaves = new Map<string, Scalar>();
  for (const [name, part] of Object.entries(value) as [string, unknown][]) {
    const path = prefix + name;
    if (isScalar(part)) leaves.set(path, part);
    else if (part !== null && typeof part === "object" && !Array.isArray(part) && !("_type" in part))
      for (const [inner, leaf] of leavesOf(part, `${path}.`)) leaves.set(inner, leaf);
  }
  return leaves;
}

export interface SharedColumn {
  readonly title: string;
  readonly values: readonly (Scalar | undefined)[];
}

/** Config that differs between the runs, then numbers of their summaries: the first `most` of each. */
export function columnsOf(runs: readonly Run[], most: number): readonly SharedColumn[] {
  const config = columnsIn(runs.map((run) => leavesOf(run.config)));
  const summary = columnsIn(runs.map((run) => leavesOf(run.summary)));
  return [
    ...config.filter(({ values }) => new Set(values).size > 1).slice(0, most),
    ...summary
      .filter(
        ({ title, values }) => !title.startsWith("_") && values.some((value) => typeof value === "number"),
      )
      .slice(0, most),
  ];
}

function columnsIn(leaves: readonly ReadonlyMap<string, Scalar>[]): readonly SharedColumn[] {
  const titles = [...new Set(leaves.flatMap((map) => [...map.keys()]))].sort();
  return titles.map((title) => ({ title, values: leaves.map((map) => map.get(title)) }));
}
