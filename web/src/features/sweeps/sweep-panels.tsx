/**
 * The workspace's panels over the runs of a sweep: parallel coordinates with brushes, and parameter importance.
 *
 * Brushes are in the address, as `brush`.
 */

import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { namedColumnsQuery } from "@/api/columns";
import type { Sweep } from "@/api/sweeps";
import type { ProjectRef } from "@/api/types";
import { allOf, filterText } from "@/data/filter/tree";
import { onlyRuns, type Shown } from "@/data/shown-runs";
import { makePanel, type Panel } from "@/data/view/panel";
import { FIRST_SETTINGS } from "@/data/view/settings";
import { ImportancePanel } from "@/panels/importance/importance-panel";
import { summaryColumns, summaryOf } from "@/panels/over-runs/columns";
import type { PanelProps } from "@/panels/panel-props";
import { ParallelPanel } from "@/panels/parallel/parallel-panel";
import { useStable } from "@/ui/hooks/use-stable";
import { nRuns } from "./sweep-words";
import { sweepFilter } from "./use-run-names";

const ALL: Shown = { ...onlyRuns([]), selection: { base: "all", on: [], off: [] } };
const PARALLEL = "parallel";
const IMPORTANCE = "importance";

interface SweepPanelProps {
  readonly project: ProjectRef;
  readonly sweep: Sweep;
}

/** What both panels are given; their runs are those with a result. */
function usePanelSet(
  { project, sweep }: SweepPanelProps,
  result: string | undefined,
  onChange: PanelProps["onChange"],
) {
  const filter = result
    ? allOf(sweepFilter(sweep), filterText({ column: result, op: "exists", value: true }))
    : "";
  const set = useMemo(() => ({ filter, search: "", isRegex: false }), [filter]);
  const none = useStable(() => {});
  return useMemo(
    () => ({
      project,
      runs: [],
      asked: [],
      groupBy: [],
      baseline: null,
      list: {
        set,
        shown: ALL,
        colorBy: null,
        onShown: (_: Shown, id: string, part: Partial<Panel>) => onChange(id, part),
      },
      settings: FIRST_SETTINGS,
      zoom: null,
      step: null,
      isFull: false,
      isFixed: true,
      onZoom: none,
      onStep: none,
      onFull: none,
      onEdit: none,
    }),
    [project, set, onChange, none],
  );
}

/** The columns of the parameters, and those with the summaries of the metrics; null while they are looked for. */
function useColumns({ project, sweep }: SweepPanelProps) {
  const metrics = sweep.metrics.map(({ name }) => name);
  const names = metrics.flatMap(summaryColumns);
  const { data: known } = useQuery({ ...namedColumnsQuery(project, names), enabled: nRuns(sweep) > 0 });
  const key = JSON.stringify([sweep.parameters, metrics]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` has both lists, which are others with every answer
  return useMemo(
    () =>
      known && {
        parameters: sweep.parameters.map((name) => `config.${name}`),
        results: metrics.map((name) => summaryOf(name, known)),
      },
    [key, known],
  );
}

/** Parameter importance for the first metric. */
export function SweepImportance(props: SweepPanelProps) {
  const columns = useColumns(props);
  const [order, setOrder] = useState<unknown>(undefined);
  const onChange = useStable((_: string, { options }: Partial<Panel>) => setOrder(options?.order));
  const set = usePanelSet(props, columns?.results[0], onChange);
  const panel = useMemo(
    () =>
      makePanel(IMPORTANCE, "importance", "", {
        title: "Parameter importance",
        options: { target: columns?.results[0], parameters: columns?.parameters ?? [], order },
      }),
    [columns, order],
  );
  if (!columns || columns.parameters.length === 0) return <NoRuns title="Parameter importance" />;
  return <ImportancePanel {...set} panel={panel} onChange={onChange} />;
}

/** Parallel coordinates of the parameters and all metrics; the address has the brushes. */
export function SweepParallel(props: SweepPanelProps) {
  const columns = useColumns(props);
  const navigate = useNavigate();
  const { brush }: { brush?: string } = useSearch({ strict: false });
  const brushes = useMemo(() => brushesOf(brush), [brush]);
  const onChange = useStable((_: string, { options }: Partial<Panel>) => {
    const next = JSON.stringify(options?.brushes ?? {});
    void navigate({
      to: "/$entity/$project/sweeps/$sweep",
      params: { ...props.project, sweep: props.sweep.id },
      search: (next === "{}" ? {} : { brush: next }) as never,
      replace: true,
    });
  });
  const set = usePanelSet(props, columns?.results[0], onChange);
  const goal = props.sweep.metrics[0]?.goal;
  const panel = useMemo(
    () =>
      makePanel(PARALLEL, "parallel", "", {
        title: "Parallel coordinates",
        options: {
          columns: columns ? [...columns.parameters, ...columns.results] : [],
          tint: columns?.results[0],
          goal,
          brushes,
        },
      }),
    [columns, goal, brushes],
  );
  if (!columns) return <NoRuns title="Parallel coordinates" />;
  return <ParallelPanel {...set} panel={panel} onChange={onChange} />;
}

function NoRuns({ title }: { title: string }) {
  return (
    <article className="panel" aria-label={title}>
      <header className="ph">
        <h2>{title}</h2>
      </header>
      <div className="say">
        <span>Shown once runs have values.</span>
      </div>
    </article>
  );
}

/** What is no JSON object in the address is no brush; the panel drops what does not fit in one. */
function brushesOf(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const brushes: unknown = JSON.parse(text ?? "{}");
    return typeof brushes === "object" && brushes !== null ? (brushes as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
