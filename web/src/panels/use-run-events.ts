/**
 * Alerts, gaps, resumptions and failures of the runs that a page shows: all its panels share one question.
 */

import { useQuery } from "@tanstack/react-query";
import { runEventsQuery } from "@/api/runs/run-events";
import type { ProjectRef } from "@/api/types";
import type { RunEvent } from "@/data/runs/events";

const NONE: readonly RunEvent[] = [];
const NO_RUNS: readonly string[] = [];

/** The same list whenever it is empty, so that charts without events are not rendered for the answer. */
function orNone(events: readonly RunEvent[]): readonly RunEvent[] {
  return events.length === 0 ? NONE : events;
}

/** @param isWanted false while the panel is out of view */
export function useRunEvents(project: ProjectRef, runIds: readonly string[], isWanted: boolean) {
  const query = useQuery({
    // a panel out of view is at no query that others wait for: it would be rendered with each of their states
    ...runEventsQuery(project, isWanted ? runIds : NO_RUNS),
    enabled: isWanted && runIds.length > 0,
    placeholderData: (before) => before ?? NONE,
    select: orNone,
  });
  return query.data ?? NONE;
}
