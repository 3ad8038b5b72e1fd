import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { seriesQuery } from "@/api/metrics/series";
import type { Run } from "@/api/types";
import { SparkPlot } from "@/panels/plot/plot";
import "@/panels/frame/panel.css";

const BUCKETS = 64;

export function RunSpark({ run, metric, isLive }: { run: Run; metric: string; isLive?: boolean }) {
  const query = useQuery(
    seriesQuery(run, {
      runs: [run.id],
      keys: [metric],
      axis: "defined",
      lo: null,
      hi: null,
      nBuckets: BUCKETS,
    }),
  );
  const columns = query.data?.series[0];
  const y = useMemo(
    () => Float64Array.from(columns ? columns.mean : []).filter((v) => !Number.isNaN(v)),
    [columns],
  );
  return <SparkPlot y={y} color={run.color} isLive={isLive ?? false} />;
}
