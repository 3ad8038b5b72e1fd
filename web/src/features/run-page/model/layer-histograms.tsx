/** The histograms of the parameters of one layer and of their gradients, over steps. */

import { useMemo } from "react";
import { homesOf, makeBoard } from "@/data/board/board";
import type { WatchedParameter } from "@/data/metrics/model-metrics";
import { autoPanel, autoPanelId } from "@/data/view/panel";
import { FIRST_VIEW, type View } from "@/data/view/view";
import { EmptyState } from "@/ui/signs/empty-state";
import { FullScreen } from "../../board/full-screen";
import { RunsBoard } from "../../board/runs-board";
import { ViewPanel } from "../../board/sections/board-panel";
import { PassingViewProvider } from "../../view/page-view";
import { useShownRun } from "../shown-run";

interface LayerHistogramsProps {
  /** Null: none is chosen. */
  readonly layer: string | null;
  readonly parameters: readonly WatchedParameter[];
  /** Of all layers. */
  readonly nWatched: number;
}

export function LayerHistograms({ layer, parameters, nWatched }: LayerHistogramsProps) {
  if (layer === null)
    return (
      <Say title="Choose a layer">The histograms of its parameters and their gradients are shown here.</Say>
    );
  if (nWatched === 0)
    return (
      <Say title="No histograms">
        <span className="mono">run.watch(model, log="all")</span> logs histograms of parameters and gradients.
      </Say>
    );
  if (parameters.length === 0)
    return <Say title={`No histograms of ${layer}`}>It has no parameters of its own.</Say>;
  return (
    <PassingViewProvider key={layer} first={titledView(parameters)}>
      <Histograms layer={layer} parameters={parameters} />
    </PassingViewProvider>
  );
}

function Say({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className="part-main none">
      <EmptyState icon="heat" title={title}>
        {children}
      </EmptyState>
    </div>
  );
}

/** Titles that tell the gradients of a parameter from its values, which both have its name. */
function titledView(parameters: readonly WatchedParameter[]): View {
  const titled = (metric: string | null, title: string) => {
    const panel = metric === null ? null : autoPanel(histogramOf(metric));
    return panel === null ? [] : [[panel.id, { ...panel, title }] as const];
  };
  const panels = parameters.flatMap(({ name, gradients, values }) => [
    ...titled(gradients, `${name}, gradients`),
    ...titled(values, `${name}, values`),
  ]);
  return { ...FIRST_VIEW, panels: Object.fromEntries(panels) };
}

function histogramOf(metric: string): string {
  return autoPanelId(metric, undefined, "histogram");
}

const NO_BOARD = makeBoard(homesOf([]), FIRST_VIEW, null);

function Histograms({ layer, parameters }: { layer: string; parameters: readonly WatchedParameter[] }) {
  const { project, run } = useShownRun();
  const runs = useMemo(() => [run], [run]);
  const metrics = parameters.flatMap(({ gradients, values }) =>
    [gradients, values].flatMap((metric) => metric ?? []),
  );
  return (
    <RunsBoard board={NO_BOARD} project={project} runs={runs}>
      <div className="part-main">
        <div className="part-head">
          <h2 className="mono ell">{layer}</h2>
        </div>
        <div className="model-histograms">
          {metrics.map((metric) => (
            <ViewPanel key={metric} id={histogramOf(metric)} />
          ))}
        </div>
        <FullScreen />
      </div>
    </RunsBoard>
  );
}
