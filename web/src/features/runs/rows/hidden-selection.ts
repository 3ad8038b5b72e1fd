/**
 * Selected runs that the list leaves out: they stay selected while one searches for others, and what is done to all of
 * the selected is done to them, too.
 */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { RunSet } from "@/api/runs/run-requests";
import { askIds, askNames, countQuery } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { allOf, filterText } from "@/data/filter/tree";
import { keepSelected, MOST_SELECTED, useSelectedIds } from "../actions/run-selection";
import type { Runs } from "../use-runs";

/** Hidden runs that a question names. */
const NAMED = 3;

export interface HiddenRuns {
  readonly n: number;
  /** Names of the first of them. */
  readonly first: readonly string[];
}

function isNarrowed({ filter, search }: RunSet): boolean {
  return filter.trim() !== "" || search !== "";
}

/** Those of some runs that a list has. */
function listedOf({ filter, search, isRegex }: RunSet, ids: Iterable<string>): RunSet {
  const these = filterText({ column: "id", op: "in", value: [...ids] });
  return { filter: allOf(filter, these), search, isRegex };
}

function askListed(project: ProjectRef, set: RunSet, ids: readonly string[]): Promise<string[]> {
  return askIds(project, { ...listedOf(set, ids), order: [] }, null, 0, ids.length);
}

/** The number of selected runs that the list leaves out; the one before, while it is counted. */
export function useNumberHidden(project: ProjectRef, { request, total }: Runs): number {
  const selected = useSelectedIds(project);
  const [before, setBefore] = useState(0);
  const isCounted = isNarrowed(request) && selected.size > 0 && selected.size <= MOST_SELECTED;
  const { data } = useQuery({
    ...countQuery(project, listedOf(request, isCounted ? selected : [])),
    enabled: isCounted,
  });
  const n =
    selected.size === 0 || !isNarrowed(request)
      ? 0
      : !isCounted
        ? Math.max(0, selected.size - total)
        : data === undefined
          ? Math.min(before, selected.size)
          : selected.size - data;
  if (n !== before) setBefore(n);
  return n;
}

/** Take what the list leaves out from the selection. */
export async function selectOnlyListed(project: ProjectRef, set: RunSet, ids: readonly string[]) {
  await keepSelected(project, askListed(project, set, ids));
}

/** The runs among some that a list leaves out. */
export async function askHidden(
  project: ProjectRef,
  set: RunSet,
  ids: readonly string[],
): Promise<HiddenRuns> {
  if (!isNarrowed(set)) return { n: 0, first: [] };
  const listed = new Set(await askListed(project, set, ids));
  const hidden = ids.filter((id) => !listed.has(id));
  const names = hidden.length > 0 ? await askNames(project, hidden.slice(0, NAMED)) : null;
  return { n: hidden.length, first: hidden.slice(0, NAMED).map((id) => names?.get(id) ?? id) };
}
