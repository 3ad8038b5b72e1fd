/**
 * The curves of a sweep's trials: its metric over steps, of the first trials of the table in its order. So what the
 * table is filtered and sorted by chooses the curves, too.
 */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { runNamesQuery, type Sweep } from "@/api/sweeps/sweeps";
import type { ProjectRef } from "@/api/types";
import { formatNoun } from "@/data/text/format";
import { makePanel } from "@/data/view/panel";
import { FIRST_SETTINGS } from "@/data/view/settings";
import type { Range } from "@/data/view/view";
import { LinePanel } from "@/panels/line/line-panel";
import type { PanelRun } from "@/panels/panel-props";
import { useStable } from "@/ui/hooks/use-stable";
import { Icon } from "@/ui/signs/icons";
import type { TrialList } from "../trials/use-trial-list";
import { sweepFilter } from "../use-run-names";

/** More curves can't be told apart. */
const MOST_CURVES = 30;

interface CurvesCardProps {
  readonly project: ProjectRef;
  readonly sweep: Sweep;
  /** The metric's position among those of the sweep. */
  readonly metric: number;
  readonly list: TrialList;
}

export function CurvesCard({ project, sweep, metric, list }: CurvesCardProps) {
  const { name } = sweep.metrics[metric]!;
  const runs = useFirstRuns(project, list);
  const [zoom, setZoom] = useState<Range | null>(null);
  const onZoom = useStable((_: string, range: Range | null) => setZoom(range));
  const none = useStable(() => {});
  const panel = useMemo(() => makePanel("curves", "line", "", { title: "Curves", keys: [name] }), [name]);
  const nTrials = list.trials.rows?.length ?? 0;
  return (
    <div className="sweep-curves">
      <LinePanel
        project={project}
        panel={panel}
        runs={runs}
        runIds={useMemo(() => runs.map(({ id }) => id).sort(), [runs])}
        groupBy={[]}
        baseline={null}
        hasLegend={false}
        settings={FIRST_SETTINGS}
        zoom={zoom}
        step={null}
        isFull={false}
        isFixed
        onZoom={onZoom}
        onStep={none}
        onChange={none}
        onFull={none}
        onEdit={none}
      />
      <p className="curves-foot">
        <span className="ell">
          {name}
          {runs.length > 0 &&
            ` of ${runs.length < nTrials ? "the first " : ""}${formatNoun(runs.length, "run")}`}
          {nTrials > 0 && " of the table below, in its order"}
        </span>
        <span className="grow" />
        <Link
          to="/$entity/$project/workspace"
          params={project}
          search={{ only: sweepFilter(sweep) } as never}
          className="btn sm"
        >
          <Icon name="chart" isSmall />
          Open in workspace
        </Link>
      </p>
    </div>
  );
}

/** The runs of the first trials that have begun, in the order of the table. */
function useFirstRuns(project: ProjectRef, list: TrialList): readonly PanelRun[] {
  const ids = (list.trials.rows ?? [])
    .slice(0, MOST_CURVES)
    .flatMap((trial) => (trial && trial.name !== null ? [trial.run] : []));
  const { data } = useQuery(runNamesQuery(project, ids));
  const key = JSON.stringify(ids);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` has the ids, which are another list with every answer
  return useMemo(() => {
    const rows = new Map(data?.rows.map((row) => [row.id, row]));
    return ids.flatMap((id) => {
      const row = rows.get(id);
      return row ? [{ id, name: row.name, color: row.color, isLive: row.state === "running" }] : [];
    });
  }, [data, key]);
}
