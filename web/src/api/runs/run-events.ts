/**
 * Alerts, gaps, resumptions and failures of runs, for the marks in their charts: one question for all panels of a page.
 */

import { queryOptions } from "@tanstack/react-query";
import type { RunEvent } from "@/data/runs/events";
import { jsonBody, projectPath, requestJson, SHARED_ENTITY } from "../client";
import { askProjects } from "../several-projects/run-keys";
import type { ProjectRef, Schemas } from "../types";

/** The server answers of so many runs at once; charts draw fewer. */
const MAX_RUNS = 1000;

/** The prefix of the keys of all events of a project. */
export function runEventsKey(ref: ProjectRef) {
  return ["run-events", ref.entity, ref.project] as const;
}

/** Events of these runs, oldest first. */
export function runEventsQuery(ref: ProjectRef, runs: readonly string[]) {
  const ids = runs.slice(0, MAX_RUNS);
  return queryOptions({
    queryKey: [...runEventsKey(ref), ids.join(",")],
    queryFn: async ({ signal }): Promise<readonly RunEvent[]> => {
      if (ref.entity === SHARED_ENTITY) return (await import("../shared-events")).loadSharedEnds(ref, signal);
      const answers = await askProjects(ref, ids, async (part) => {
        const path = `${projectPath(part.ref)}/run-events`;
        const answer = await requestJson<Schemas["RunEventList"]>(path, {
          ...jsonBody<"RunEventQuery">("POST", { runs: part.ids }),
          signal,
        });
        return answer.events.map((event) => ({ ...eventOf(event), run: part.keyOf(event.run) }));
      });
      return answers.flat();
    },
  });
}

function eventOf(event: Schemas["RunEvent"]): RunEvent {
  const { run, kind, step, title, text } = event;
  return {
    run,
    kind,
    step,
    title,
    text,
    endStep: event.end_step,
    timeMicros: event.time_micros,
    endMicros: event.end_micros,
    runtimeMicros: event.runtime_micros,
    endRuntimeMicros: event.end_runtime_micros,
    nRows: event.n_rows,
    exitCode: event.exit_code ?? null,
    level: event.level === "ERROR" || event.level === "WARN" ? event.level : "INFO",
  };
}
