/** Runs of a project side by side, by link: what differs between them, and their charts. */

import { useParams } from "@tanstack/react-router";
import { useDeferredValue, useEffect, useMemo, useState } from "react";
import { useLive } from "@/api/live/live";
import type { ProjectRef, Run } from "@/api/types";
import { compareRuns } from "@/data/compare/compare-runs";
import { withDistinctColors } from "@/data/runs/color";
import { CompareTable } from "@/panels/comparer/compare-table";
import { comparedOf } from "@/panels/comparer/compared-run";
import { MOST_COMPARED, useWholeRuns } from "@/panels/comparer/use-whole-runs";
import { Button } from "@/ui/controls/button";
import { EmptyState } from "@/ui/signs/empty-state";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { RunsCharts } from "../board/runs-charts";
import { tellPageStatus } from "../page-status";
import { distinctNames } from "../runs/use-panel-runs";
import { CompareTools } from "./compare-tools";
import { useCompareUrl } from "./compare-url";
import { RunHead } from "./run-head";
import { useEnvironments } from "./use-environments";
import "./compare.css";

export function ComparePage() {
  const { entity, project } = useParams({ from: "/$entity/$project/compare" });
  return <Compare key={`${entity}/${project}`} entity={entity} project={project} />;
}

function Compare({ entity, project: name }: ProjectRef) {
  const [project] = useState<ProjectRef>({ entity, project: name });
  const link = useLive(project);
  const [url, change] = useCompareUrl();
  const ids = useMemo(() => url.ids.slice(0, MOST_COMPARED), [url.ids]);
  const whole = useWholeRuns(project, ids, true);
  // of this page only: elsewhere, and for everybody, a run keeps its own
  const runs = useMemo(() => withDistinctColors(whole.runs.filter((run) => run !== undefined)), [whole.runs]);
  const nRunning = runs.filter(({ state }) => state === "running").length;
  useEffect(
    () =>
      tellPageStatus({ link, nRunning, liveNote: `${nRunning} of ${ids.length} running`, title: "Compare" }),
    [link, nRunning, ids.length],
  );
  const missing = ids.filter((_, i) => whole.errors[i] !== null && whole.errors[i] !== undefined);
  const remove = (id: string) => change({ ids: url.ids.filter((other) => other !== id) });
  return (
    <main className="compare-page" data-charts={(url.hasCharts && runs.length > 0) || undefined}>
      <Differences
        project={project}
        ids={ids}
        runs={runs}
        isPending={whole.isPending}
        nLeft={url.ids.length - ids.length}
        onRemove={remove}
        missing={missing.map((id) => ({ id, error: whole.errors[ids.indexOf(id)]! }))}
        onRetry={whole.refetch}
      />
      {url.hasCharts && runs.length > 0 && !whole.isPending && (
        <RunsCharts
          key={runs.map(({ id }) => id).join()}
          project={project}
          runs={runs}
          baseline={runs[0]!.id}
        />
      )}
    </main>
  );
}

interface DifferencesProps {
  readonly project: ProjectRef;
  readonly ids: readonly string[];
  /** Those that have come, in the order of the ids. */
  readonly runs: readonly Run[];
  readonly isPending: boolean;
  /** Runs of the link that find no room. */
  readonly nLeft: number;
  readonly missing: readonly { readonly id: string; readonly error: Error }[];
  onRemove(id: string): void;
  onRetry(): void;
}

function Differences(props: DifferencesProps) {
  const { project, ids, runs, isPending, nLeft, missing, onRemove, onRetry } = props;
  const [url, change] = useCompareUrl();
  const [typed, setTyped] = useState(url.find);
  const search = useDeferredValue(typed);
  const environments = useEnvironments(project, runs);
  const rows = useMemo(
    () => compareRuns(runs.map((run, i) => comparedOf(run, environments[i] ?? null))),
    [runs, environments],
  );
  const columns = useMemo(() => {
    const names = distinctNames(runs);
    return runs.map((run, i) => ({ run: { ...run, name: names[i]! }, isBase: i === 0 }));
  }, [runs]);
  const isAlone = columns.length < 2;
  return (
    <section className="compare" aria-label="Differences">
      <CompareTools
        project={project}
        rows={rows}
        runs={runs}
        ids={ids}
        search={typed}
        onSearch={(text) => {
          setTyped(text);
          change({ find: text });
        }}
      />
      {nLeft > 0 && <p className="compare-note">At most {MOST_COMPARED} runs stand side by side.</p>}
      {missing.map(({ id, error }) => (
        <p className="compare-note" role="alert" key={id}>
          Run <span className="mono">{id}</span> can't be shown: {error.message}
          <Button isSmall onClick={onRetry}>
            Try again
          </Button>
          <Button isSmall onClick={() => onRemove(id)}>
            Remove
          </Button>
        </p>
      ))}
      {ids.length === 0 ? (
        <EmptyState icon="compare" title="No runs to compare">
          Add runs above, or select some in a list of runs and choose Compare.
        </EmptyState>
      ) : isPending && runs.length === 0 ? (
        <SkeletonRows n={14} height={27} />
      ) : runs.length > 0 ? (
        <CompareTable
          columns={columns}
          rows={rows}
          search={search}
          hidesEqual={!url.hasEqual && !isAlone}
          head={(column) => (
            <RunHead
              {...column}
              project={project}
              isAlone={isAlone}
              onRemove={() => onRemove(column.run.id)}
              onBase={() => change({ ids: [column.run.id, ...url.ids.filter((id) => id !== column.run.id)] })}
            />
          )}
        />
      ) : null}
    </section>
  );
}
