/**
 * Alerts, gaps, resumptions and failures of the runs that a page shows: all its panels share one question.
 */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { runEventsQuery } from "@/api/runs/run-events";
import type { ProjectRef } from "@/api/types";
import type { RunEvent } from "@/data/runs/events";

const NONE: readonly RunEvent[] = [];

/** @param isWanted false while the panel is out of view */
export function useRunEvents(project: ProjectRef, runIds: readonly string[], isWanted: boolean) {
  const query = useQuery({
    ...runEventsQuery(project, runIds),
    enabled: isWanted && runIds.length > 0,
    placeholderData: keepPreviousData,
  });
  return query.data ?? NONE;
}
