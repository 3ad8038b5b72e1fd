/**
 * The workspace's panels over the runs of a sweep: parallel coordinates with brushes, and parameter importance.
 */

import { useMemo, useState } from "react";
import type { Sweep } from "@/api/sweeps/sweeps";
import type { ProjectRef } from "@/api/types";
import type { Brushes } from "@/charts/parallel/parallel-layout";
import { allOf, filterText } from "@/data/filter/tree";
import { onlyRuns, type Shown } from "@/data/runs/shown-runs";
import type { ParameterRanks } from "@/data/statistics/parameters";
import { makePanel, type Panel } from "@/data/view/panel";
import { FIRST_SETTINGS } from "@/data/view/settings";
import { ImportancePanel } from "@/panels/importance/importance-panel";
import type { PanelProps } from "@/panels/panel-props";
import { ParallelPanel } from "@/panels/parallel/parallel-panel";
import { useStable } from "@/ui/hooks/use-stable";
import { EmptyState } from "@/ui/signs/empty-state";
import { parameterScale } from "./parameters";
import { sweepFilter } from "./use-run-names";
import type { SweepColumns } from "./use-sweep-columns";
import type { SweepSearch } from "./use-sweep-search";

const ALL: Shown = { ...onlyRuns([]), selection: { base: "all", on: [], off: [] } };
const PARALLEL = "parallel";
const IMPORTANCE = "importance";

interface SweepPanelProps {
  readonly project: ProjectRef;
  readonly sweep: Sweep;
  /** Null while they are looked for. */
  readonly columns: SweepColumns | null;
}

/** Arguments of both panels; their runs are ended ones with a result, or all where there is no metric. */
function usePanelSet(
  { project, sweep }: SweepPanelProps,
  result: string | undefined,
  onChange: PanelProps["onChange"],
) {
  const hasResult = `state != "running" and ${filterText({ column: result ?? "", op: "exists", value: true })}`;
  const filter = result ? allOf(sweepFilter(sweep), hasResult) : sweepFilter(sweep);
  const name = result ? sweep.metrics[0]?.name : undefined;
  const set = useMemo(() => ({ filter, search: "", isRegex: false }), [filter]);
  const none = useStable(() => {});
  return useMemo(
    () => ({
      project,
      runs: [],
      runIds: [],
      groupBy: [],
      baseline: null,
      list: {
        set,
        shown: ALL,
        none: sweep.metrics.length > 1 ? "No run has values yet." : `No run has a value of ${name} yet.`,
        colorBy: [],
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
    [project, set, onChange, none, sweep.metrics.length, name],
  );
}

interface SweepImportanceProps extends SweepPanelProps {
  /** The metric's place among those of the sweep. */
  readonly metric: number;
  onRanks(ranks: ParameterRanks): void;
}

export function SweepImportance({ metric, onRanks, ...props }: SweepImportanceProps) {
  const { columns } = props;
  const [chosen, setChosen] = useState<Panel["options"]>({});
  const onChange = useStable((_: string, { options }: Partial<Panel>) => setChosen(options ?? {}));
  const set = usePanelSet(props, columns?.results[metric], onChange);
  const panel = useMemo(
    () =>
      makePanel(IMPORTANCE, "importance", "", {
        title: "Parameter importance",
        options: { ...chosen, target: columns?.results[metric], parameters: columns?.parameters ?? [] },
      }),
    [columns, metric, chosen],
  );
  if (!columns || columns.parameters.length === 0)
    return <EmptyPanel title="Parameter importance" say={columns ? "No parameter varies" : "Loading"} />;
  return <ImportancePanel {...set} panel={panel} onChange={onChange} onRanks={onRanks} />;
}

/** More axes can't be told apart; the settings of a workspace's panel stop there, too. */
const MOST_AXES = 12;

interface SweepParallelProps extends SweepPanelProps {
  /** The parameters, the most important first. */
  readonly order: readonly string[];
  readonly brushes: Brushes;
  onSearch(part: SweepSearch): void;
}

/** Parallel coordinates of the parameters and all metrics; the address has the brushes. */
export function SweepParallel({ brushes, order, onSearch, ...props }: SweepParallelProps) {
  const { columns } = props;
  const { parameters, config } = props.sweep;
  // in the order of the configuration, so that axes stay where they are while ranks change
  const axes = useMemo(() => {
    const chosen = new Set(parameters.length > MOST_AXES ? order.slice(0, MOST_AXES) : parameters);
    return parameters.filter((name) => chosen.has(name)).map((name) => `config.${name}`);
  }, [parameters, order]);
  // by the distribution: the first few values of a parameter look like categories
  const configKey = JSON.stringify(config.parameters);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `configKey` has the configuration
  const scales = useMemo(
    () => Object.fromEntries(parameters.map((name) => [`config.${name}`, parameterScale(config, name)])),
    [parameters, configKey],
  );
  const onChange = useStable((_: string, { options }: Partial<Panel>) => {
    const next = JSON.stringify(options?.brushes ?? {});
    onSearch({ brush: next === "{}" ? undefined : next });
  });
  const set = usePanelSet(props, columns?.results[0], onChange);
  const goal = props.sweep.metrics[0]?.goal;
  const panel = useMemo(
    () =>
      makePanel(PARALLEL, "parallel", "", {
        title: "Parallel coordinates",
        options: {
          columns: columns ? [...axes, ...columns.results] : [],
          tint: columns?.results[0],
          goal,
          brushes,
          scales,
        },
      }),
    [columns, axes, goal, brushes, scales],
  );
  if (!columns) return <EmptyPanel title="Parallel coordinates" say="Loading" />;
  return <ParallelPanel {...set} panel={panel} onChange={onChange} />;
}

function EmptyPanel({ title, say }: { title: string; say: string }) {
  return (
    <article className="panel" aria-label={title}>
      <header className="ph">
        <h2>{title}</h2>
      </header>
      <EmptyState icon="chart" title={say} />
    </article>
  );
}
