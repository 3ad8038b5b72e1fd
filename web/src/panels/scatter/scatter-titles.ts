/**
 * The titles of scatter panels: one column against another, which may be chosen by the data. A search for panels finds
 * them before they are drawn.
 */

import type { QueryClient } from "@tanstack/react-query";
import { namedColumnsQuery, parametersQuery } from "@/api/runs/columns";
import type { ProjectRef } from "@/api/types";
import { distinctLabels } from "@/data/table/columns";
import { firstX, variedParameters } from "@/data/table/varied-parameters";
import type { Panel } from "@/data/view/panel";
import { summaryColumns, summaryOf } from "../over-runs/columns";
import { scatterOptions } from "./options";

/** @param columns of the panel's axes; null: not known yet, or missing */
export function scatterTitle(panel: Panel, columns: { x: string | null; y: string | null }): string {
  const labels = distinctLabels([columns.x, columns.y].filter((column) => column !== null));
  const [x, y] = [columns.x, columns.y].map((column) => column && labels.get(column));
  return panel.title ?? `${y ?? panel.keys[0] ?? "Scatter"} against ${x ?? "…"}`;
}

/** Titles by panel id, of scatter panels of a metric; those whose axes are not known are left out. */
export async function loadScatterTitles(
  client: QueryClient,
  project: ProjectRef,
  panels: readonly Panel[],
): Promise<ReadonlyMap<string, string>> {
  const parameters = await client.ensureQueryData(parametersQuery(project));
  const firstParameter = firstX(variedParameters(parameters));
  const titles = panels.map(async (panel) => {
    const options = scatterOptions(panel);
    const metric = panel.keys[0]!;
    const x = options.x ?? firstParameter;
    const summaries = await client.ensureQueryData(namedColumnsQuery(project, summaryColumns(metric)));
    return [panel.id, x && scatterTitle(panel, { x, y: options.y ?? summaryOf(metric, summaries) })] as const;
  });
  const entries = await Promise.all(titles);
  return new Map(entries.flatMap(([id, title]) => (title ? [[id, title] as const] : [])));
}
