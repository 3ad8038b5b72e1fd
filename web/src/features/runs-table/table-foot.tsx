/** Below the table: how many runs it has, and how long they ran. */

import { useQuery } from "@tanstack/react-query";
import type { AllFigures } from "@/api/runs/group-figures";
import { countQuery } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { formatRunTime } from "@/data/table/cell-format";
import { formatCount, formatNoun } from "@/data/text/format";
import type { Runs } from "../runs/use-runs";

const ALL_RUNS = { filter: "", search: "", isRegex: false };

interface TableFootProps {
  readonly project: ProjectRef;
  readonly runs: Runs;
  readonly all: AllFigures | undefined;
}

export function TableFoot({ project, runs, all }: TableFootProps) {
  const { filter, search } = runs.request;
  const isNarrowed = filter.trim() !== "" || search !== "";
  const whole = useQuery({ ...countQuery(project, ALL_RUNS), enabled: isNarrowed });
  const nAll = isNarrowed && whole.data !== undefined ? `${formatCount(runs.total)} of ` : "";
  const nGroups = runs.request.by.length > 0 ? `, ${formatNoun(runs.nGroups, "group")}` : "";
  return (
    <div className="rt-foot" role="status">
      <span hidden={runs.isPending || runs.error !== null}>
        {nAll}
        {formatNoun(nAll ? (whole.data ?? 0) : runs.total, "run")}
        {nGroups}
      </span>
      <span className="grow" />
      {all && all.runtimeSecs > 0 && <span>{formatRunTime(all.runtimeSecs)} of run time</span>}
    </div>
  );
}
