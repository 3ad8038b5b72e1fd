/** A run's charts: the workspace's panels with this run alone. */

import { useMemo } from "react";
import { RunsCharts } from "../board/runs-charts";
import { useShownRun } from "./shown-run";

export function ChartsTab() {
  const { project, run } = useShownRun();
  const runs = useMemo(() => [run], [run]);
  return <RunsCharts project={project} runs={runs} />;
}
