/** How many of the selected runs the list does not show, as its search or filter leaves them out; a click lets them go. */

import { useQuery } from "@tanstack/react-query";
import { columnValuesQuery } from "@/api/runs/groups";
import type { RunSet } from "@/api/runs/run-requests";
import type { ProjectRef } from "@/api/types";
import { allOf } from "@/data/filter/tree";
import { formatCount, formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { keepSelected } from "./run-selection";

interface UnlistedRunsProps {
  readonly project: ProjectRef;
  /** The list's. */
  readonly listed: RunSet;
  /** The selected runs by their ids. */
  readonly selected: RunSet;
  readonly nSelected: number;
}

export function UnlistedRuns({ project, listed, selected, nSelected }: UnlistedRunsProps) {
  const { search, isRegex } = listed;
  const both: RunSet = { filter: allOf(listed.filter, selected.filter), search, isRegex };
  const isNarrowed = listed.filter !== "" || search !== "";
  const { data } = useQuery({ ...columnValuesQuery(project, "state", both), enabled: isNarrowed });
  const nListed = data?.reduce((sum, { nRuns }) => sum + nRuns, 0) ?? nSelected;
  const n = nSelected - nListed;
  if (!isNarrowed || n <= 0) return null;
  return (
    <Button
      look="quiet"
      onClick={() => void keepSelected(project, both)}
      title={`${formatNoun(n, "selected run")} not in this list: take ${n === 1 ? "it" : "them"} out of the selection`}
    >
      <span className="flag wrn">{formatCount(n)} not listed</span>
    </Button>
  );
}
