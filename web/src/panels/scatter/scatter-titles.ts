/**
 * The titles of scatter panels: one column against another, which may be chosen by the data. A search for panels finds
 * them before they are drawn.
 */

import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { namedColumnsQuery } from "@/api/runs/columns";
import type { ProjectRef } from "@/api/types";
import { columnLabel } from "@/data/table/columns";
import { firstX } from "@/data/table/varied-parameters";
import type { Panel } from "@/data/view/panel";
import { summaryColumns, summaryOf } from "../over-runs/columns";
import { useVariedParameters } from "../over-runs/use-varied-parameters";
import { scatterOptions } from "./options";

/** @param columns of the panel's axes; null: not known yet, or there is none */
export function scatterTitle(panel: Panel, columns: { x: string | null; y: string | null }): string {
  const [x, y] = [columns.x, columns.y].map((column) => column && columnLabel(column));
  return panel.title ?? `${y ?? panel.keys[0] ?? "Scatter"} against ${x ?? "…"}`;
}

/** Titles by panel id; those whose axes are not known yet are left out. */
export function useScatterTitles(
  project: ProjectRef,
  panels: readonly Panel[],
  isOn: boolean,
): ReadonlyMap<string, string> {
  const scatters = useMemo(
    () => (isOn ? panels.filter(({ kind, keys }) => kind === "scatter" && keys.length > 0) : []),
    [panels, isOn],
  );
  const parameters = useVariedParameters(project, scatters.length > 0);
  const summaries = useQueries({
    queries: scatters.map(({ keys }) => namedColumnsQuery(project, summaryColumns(keys[0]!))),
    combine: (queries) => queries.map(({ data }) => data),
  });
  return useMemo(() => {
    const firstParameter = parameters && firstX(parameters);
    return new Map(
      scatters.flatMap((panel, i) => {
        const options = scatterOptions(panel);
        const x = options.x ?? firstParameter;
        const y = options.y ?? (summaries[i] ? summaryOf(panel.keys[0]!, summaries[i]) : null);
        return x && y ? [[panel.id, scatterTitle(panel, { x, y })] as const] : [];
      }),
    );
  }, [scatters, parameters, summaries]);
}
