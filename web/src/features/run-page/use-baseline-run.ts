import { useQuery } from "@tanstack/react-query";
import { runQuery } from "@/api/runs/run";
import type { Run } from "@/api/types";
import { useShownRun } from "./shown-run";
import { useListView } from "./use-list-view";

/**
 * The baseline that a run is compared with on its page, as the view of `useListView` has it.
 *
 * @returns null if there is no baseline, if it is the run that the page shows, and while it loads
 */
export function useBaselineRun(): Run | null {
  const { project, run } = useShownRun();
  const id = useListView()?.baseline ?? null;
  const isOther = id !== null && id !== run.id;
  const { data } = useQuery({ ...runQuery(project, id ?? ""), enabled: isOther });
  return isOther ? (data ?? null) : null;
}
