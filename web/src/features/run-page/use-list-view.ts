import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { DEFAULT, fetchSavedView } from "@/api/views";
import { readView } from "@/data/view/read";
import type { View } from "@/data/view/view";
import { defaultViewSaved } from "../view/default-keeper";
import { latestViewOf } from "../view/page-view";
import { useShownRun } from "./shown-run";

/** The view of the list that a run's page belongs to: the one that this tab showed last in the project, else the default view; null while it loads. */
export function useListView(): Pick<View, "baseline" | "order"> | null {
  const { project } = useShownRun();
  const { entity, project: name } = project;
  const [latest] = useState(() => latestViewOf(project));
  const saved = useQuery({
    queryKey: ["default-list", entity, name],
    queryFn: async () => {
      await defaultViewSaved(project);
      const { baseline, order } = readView((await fetchSavedView(project, DEFAULT)).document);
      return { baseline, order };
    },
    enabled: latest === null,
    // a change of the view in the workspace does not refetch this query
    staleTime: 0,
  });
  return latest ?? saved.data ?? null;
}
