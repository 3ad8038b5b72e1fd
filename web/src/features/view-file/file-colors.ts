/** The colors of runs by their groups, in a file that was made without drawing them. */

import { useMemo } from "react";
import { useGroupColors } from "@/api/colors/use-group-colors";
import { useOptionalQuery } from "@/api/optional-query";
import { rowsOfRunsQuery } from "@/api/several-projects/rows-of-runs";
import type { ProjectRef } from "@/api/types";
import { colorOfRun, groupOfRun } from "@/data/runs/color";
import type { FileSet } from "./file-view";

const NONE: readonly string[] = [];

/** The set with the colors that its view asks for. */
export function useColoredSet(project: ProjectRef, set: FileSet): FileSet {
  const by = set.colorBy ?? NONE;
  const isColored = by.length > 0 && set.runIds.length > 0;
  const rows = useOptionalQuery(
    isColored ? rowsOfRunsQuery(project, set.runIds, by, set.runIds.length) : null,
  )?.data?.rows;
  const groups = useMemo(() => [...new Set((rows ?? []).map((row) => groupOfRun(row, by)))], [rows, by]);
  const colors = useGroupColors(project, isColored ? by : null, groups, set.groupColors);
  return useMemo(() => {
    if (!rows) return set;
    const byId = new Map(rows.map((row) => [row.id, colorOfRun(row, by, colors)]));
    return { ...set, runs: set.runs.map((run) => ({ ...run, color: byId.get(run.id) ?? run.color })) };
  }, [set, rows, by, colors]);
}
