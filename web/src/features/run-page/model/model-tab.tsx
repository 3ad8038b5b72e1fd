/**
 * The model that a run watched: its graph and layers, and the histograms of the chosen layer's parameters.
 */

import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { mediaQuery } from "@/api/files/media";
import { metricNamesQuery } from "@/api/metrics/metrics";
import type { Run } from "@/api/types";
import { layerOf, parametersOf, watchedParameters } from "@/data/metrics/model-metrics";
import { EmptyState } from "@/ui/signs/empty-state";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { useShownRun } from "../shown-run";
import { LayerHistograms } from "./layer-histograms";
import { ModelGraphs } from "./model-graphs";
import { ParameterList } from "./parameter-list";
import "@/ui/parts/parts.css";
import "./model.css";

const NO_RUNS: readonly string[] = [];

export function ModelTab() {
  const { project, run } = useShownRun();
  const [ids] = useState([run.id]);
  const names = useQuery(metricNamesQuery(project, ids));
  const { objects = NO_RUNS, kinds = NO_RUNS } = names.data ?? {};
  const graphs = useMemo(() => objects.filter((_, i) => kinds[i] === "graph"), [objects, kinds]);
  const watched = useMemo(() => watchedParameters(objects), [objects]);
  const media = useQuery({
    ...mediaQuery(project, ids, graphs, null, liveOf(run)),
    enabled: graphs.length > 0,
  });
  const [chosen, setLayer] = useState<string | null>(null);
  if (names.isPending || (graphs.length > 0 && media.isPending)) return <SkeletonRows n={12} height={28} />;
  const items = (media.data ?? []).flatMap((series) => series.items.filter(({ kind }) => kind === "graph"));
  if (items.length === 0 && watched.length === 0)
    return (
      <section className="parts none" aria-label="Model">
        <EmptyState icon="branch" title="No model was watched">
          <span className="mono">run.watch(model, log="all", log_graph=True)</span> logs the layers of a
          model, and histograms of its parameters and their gradients.
        </EmptyState>
      </section>
    );
  const first = watched[0]?.name ?? null;
  const layer = chosen ?? (items.length > 0 ? first && layerOf(first) : first);
  const shown = layer === null ? [] : parametersOf(layer, watched);
  const hasNames = layer !== null && watched.some(({ name }) => name === layer);
  return (
    <section className="parts model-tab" aria-label="Model" data-plain={items.length === 0 || undefined}>
      {items.length > 0 ? (
        <ModelGraphs items={items} selected={layer} onSelect={setLayer} />
      ) : (
        <ParameterList parameters={watched} chosen={layer} onChoose={setLayer} />
      )}
      <LayerHistograms
        layer={layer}
        parameters={hasNames ? watched.filter(({ name }) => name === layer) : shown}
        nWatched={watched.length}
      />
    </section>
  );
}

function liveOf({ id, state }: Run): readonly string[] {
  return state === "running" ? [id] : NO_RUNS;
}
