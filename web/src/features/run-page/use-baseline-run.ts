import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { runQuery } from "@/api/runs/run";
import type { Run } from "@/api/types";
import { DEFAULT, fetchSavedView } from "@/api/views";
import { readView } from "@/data/view/read";
import { defaultViewSaved } from "../view/default-keeper";
import { latestViewOf } from "../view/page-view";
import { useShownRun } from "./shown-run";

/**
 * The baseline that a run is compared with on its page: the baseline of the view that this tab showed last in the project, else of the
 * default view.
 *
 * @returns null if there is no baseline, if it is the run that the page shows, and while it loads
 */
export function useBaselineRun(): Run | null {
  const { project, run } = useShownRun();
  const { entity, project: name } = project;
  const [latest] = useState(() => latestViewOf(project));
  const saved = useQuery({
    queryKey: ["default-baseline", entity, name],
    queryFn: async () => {
      await defaultViewSaved(project);
      return readView((await fetchSavedView(project, DEFAULT)).document).baseline;
    },
    enabled: latest === null,
    // a change of the view in the workspace does not refetch this query
    staleTime: 0,
  });
  const id = latest ? latest.baseline : (saved.data ?? null);
  const isOther = id !== null && id !== run.id;
  const { data } = useQuery({ ...runQuery(project, id ?? ""), enabled: isOther });
  return isOther ? (data ?? null) : null;
}
