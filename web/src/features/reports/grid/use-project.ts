import { useMemo } from "react";
import type { ProjectRef } from "@/api/types";
import type { RunSet } from "@/data/report/document";
import { useReport } from "../report-context";
import { projectOf, projectOfGrid } from "./run-sets";

function useSame({ entity, project }: ProjectRef): ProjectRef {
  return useMemo(() => ({ entity, project }), [entity, project]);
}

/** The project of a run set; the same object while it does not change. */
export function useProjectOf(set: RunSet): ProjectRef {
  return useSame(projectOf(set, useReport().project));
}

/** The project of a grid's panels; the same object while it does not change. */
export function useProjectOfGrid(sets: readonly RunSet[]): ProjectRef {
  return useSame(projectOfGrid(sets, useReport().project));
}
