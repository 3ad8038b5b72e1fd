/** Curves of runs of several projects: each project is asked for its own. Groups are made in each project by itself. */

import type { PanelSeries } from "@/data/curves/columns";
import type { ProjectRef } from "../types";
import { askProjects } from "./run-keys";

interface RunsRequest {
  readonly runs: readonly string[];
  readonly baseline?: string | null;
}

/** @param load asks one project for the curves of its runs, by their ids */
export async function loadJoined(
  own: ProjectRef,
  { runs, baseline }: RunsRequest,
  load: (ref: ProjectRef, part: RunsRequest) => Promise<PanelSeries>,
): Promise<PanelSeries> {
  const answers = await askProjects(own, runs, async ({ ref, ids, keyOf }) => {
    const ownBaseline = ids.find((id) => keyOf(id) === baseline) ?? null;
    const answer = await load(ref, { runs: ids, baseline: ownBaseline });
    // a group's curve is of no run
    const named = <Named extends { readonly run: string }>(columns: Named): Named =>
      columns.run === "" ? columns : { ...columns, run: keyOf(columns.run) };
    return { ...answer, series: answer.series.map(named), missing: answer.missing.map(named) };
  });
  const bounds = answers.flatMap((answer) => (answer.bounds ? [answer.bounds] : []));
  return {
    series: answers.flatMap(({ series }) => series),
    missing: answers.flatMap(({ missing }) => missing),
    bounds:
      bounds.length === 0
        ? null
        : [Math.min(...bounds.map(([low]) => low)), Math.max(...bounds.map(([, high]) => high))],
    nBytes: answers.reduce((sum, { nBytes }) => sum + nBytes, 0),
  };
}
