/**
 * The charts of a sweep's runs. Brushes of the parallel coordinates also filter the slices and the contour plot.
 */

import { useMemo } from "react";
import { ContourCard } from "./contour-card";
import { ObjectiveCard } from "./objective-card";
import { insideOf } from "./parameters";
import { SlicesCard } from "./slices-card";
import { SweepImportance, SweepParallel } from "./sweep-panels";
import { useParameterOrder } from "./use-parameter-order";
import type { SweepChartProps } from "./use-run-tip";
import { useSweepColumns } from "./use-sweep-columns";
import { useSweepSearch } from "./use-sweep-search";

export function SweepCharts(props: Omit<SweepChartProps, "order">) {
  const { project, sweep } = props;
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
  const shared = { ...props, order, metric, isIn };
  return (
    <>
      {hasMetric && <ObjectiveCard {...props} order={order} />}
      {hasMetric && (
        <SweepImportance
          project={project}
          sweep={sweep}
          columns={columns}
          metric={metric}
          onRanks={takeRanks}
        />
      )}
      <SweepParallel
        project={project}
        sweep={sweep}
        columns={columns}
        brushes={brushes}
        order={order}
        onSearch={setSearch}
      />
      {hasMetric && order.length > 0 && (
        <SlicesCard {...shared} onMetric={(name) => setSearch({ metric: name })} />
      )}
      {hasMetric && order.length > 1 && <ContourCard {...shared} search={search} onSearch={setSearch} />}
    </>
  );
}
