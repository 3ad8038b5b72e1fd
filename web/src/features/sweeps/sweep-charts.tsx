/**
 * The charts of a sweep's runs. Brushes of the parallel coordinates also filter the slices and the contour plot.
 */

import { type ReactNode, useMemo } from "react";
import { isOpen, type SweepRun } from "@/api/sweeps/sweeps";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { ContourCard } from "./cards/contour-card";
import { CurvesCard } from "./cards/curves-card";
import { ObjectiveCard } from "./cards/objective-card";
import { SlicesCard } from "./cards/slices-card";
import type { SweepChartProps } from "./cards/use-run-tip";
import { insideOf } from "./parameters";
import { SweepImportance, SweepParallel } from "./sweep-panels";
import { TimelineCard } from "./timeline/timeline-card";
import type { TrialList } from "./trials/use-trial-list";
import { useParameterOrder } from "./use-parameter-order";
import { useSweepColumns } from "./use-sweep-columns";
import { useSweepSearch } from "./use-sweep-search";

interface SweepChartsProps extends Omit<SweepChartProps, "order" | "runs"> {
  /** Undefined while they are on their way; parallel coordinates ask for their own meanwhile. */
  readonly runs: readonly SweepRun[] | undefined;
  readonly list: TrialList;
  /** Below the first row of charts. */
  readonly children: ReactNode;
}

export function SweepCharts(props: SweepChartsProps) {
  const { project, sweep, runs, names, list, children } = props;
  const columns = useSweepColumns(project, sweep);
  const { search, brushes, setSearch } = useSweepSearch();
  const metric = Math.max(
    0,
    sweep.metrics.findIndex(({ name }) => name === search.metric),
  );
  const { order, takeRanks } = useParameterOrder(sweep, metric);
  const hasMetric = sweep.metrics.length > 0;
  const isIn = useMemo(
    () => (columns && Object.keys(brushes).length > 0 ? insideOf(brushes, columns.results) : null),
    [brushes, columns],
  );
  const shared = runs && { project, sweep, names, runs, order };
  return (
    <>
      {hasMetric && (shared ? <ObjectiveCard {...shared} /> : <LoadingCard look="sweep-objective" />)}
      {hasMetric &&
        (shared ? (
          <SweepImportance
            project={project}
            sweep={sweep}
            columns={columns}
            metric={metric}
            onRanks={takeRanks}
          />
        ) : (
          <LoadingCard look="sweep-objective" />
        ))}
      {hasMetric && <CurvesCard project={project} sweep={sweep} metric={metric} list={list} />}
      {children}
      <SweepParallel
        project={project}
        sweep={sweep}
        columns={columns}
        brushes={brushes}
        order={order}
        onSearch={setSearch}
      />
      {hasMetric && shared && order.length > 0 && (
        <SlicesCard
          {...shared}
          metric={metric}
          isIn={isIn}
          onMetric={(name) => setSearch({ metric: name })}
        />
      )}
      {hasMetric && shared && order.length > 1 && (
        <ContourCard {...shared} metric={metric} isIn={isIn} search={search} onSearch={setSearch} />
      )}
      {hasMetric && !shared && <LoadingCard look="sweep-slices" />}
      {shared && <TimelineCard {...shared} isLive={isOpen(sweep)} />}
    </>
  );
}

/** A chart whose runs are on their way. */
function LoadingCard({ look }: { look: string }) {
  return (
    <section className={`panel ${look}`} aria-label="Loading">
      <SkeletonRows n={6} height={34} />
    </section>
  );
}
