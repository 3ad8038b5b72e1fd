/** The text that names selected runs which the list leaves out, before something is done to them. */

import { useQuery } from "@tanstack/react-query";
import type { RunSet } from "@/api/runs/run-requests";
import { runsKey } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { formatCount } from "@/data/text/format";
import { askHidden, type HiddenRuns } from "./hidden-selection";

/** A selection, with the list that may leave some of it out. */
export interface ListedSelection {
  readonly project: ProjectRef;
  readonly list: RunSet;
  readonly ids: readonly string[];
  /** Number of selected runs that the list leaves out. */
  readonly nHidden: number;
}

/** Of a selection, the runs that the list leaves out, with the first of their names once they are known. */
export function HiddenNote({ project, list: { filter, search, isRegex }, ids, nHidden }: ListedSelection) {
  const list: RunSet = { filter, search, isRegex };
  const { data } = useQuery({
    queryKey: [...runsKey(project), "hidden", list, ids] as const,
    queryFn: () => askHidden(project, list, ids),
    enabled: nHidden > 0,
  });
  if (nHidden === 0) return null;
  return (
    <p className="dialog-text hidden-runs">
      <HiddenText n={nHidden} first={data?.first ?? []} />
    </p>
  );
}

/** `3 of the selected runs are not in the list: a, b, c.` */
export function HiddenText({ n, first }: HiddenRuns) {
  return (
    <>
      {formatCount(n)} of the selected runs {n === 1 ? "is" : "are"} not in the list
      {first.length > 0 && (
        <>
          : <b>{first.join(", ")}</b>
          {n > first.length && ` and ${formatCount(n - first.length)} more`}
        </>
      )}
      .
    </>
  );
}
