/** Ends of shared runs, for the marks in their charts: a share tells nothing else that happened to its runs. */

import type { RunEvent } from "@/data/runs/events";
import { jsonBody, projectPath, requestJson } from "./client";
import { MOST_DRAWN } from "./shares";
import type { ProjectRef, Schemas } from "./types";

const UNMARKED: readonly string[] = ["pending", "running", "finished"];

/** The ends of those runs of a share that did not finish. */
export async function loadSharedEnds(ref: ProjectRef, signal: AbortSignal): Promise<readonly RunEvent[]> {
  const { rows } = await requestJson<Schemas["Table"]>(`${projectPath(ref)}/runs/query`, {
    ...jsonBody<"RunQuery">("POST", { limit: MOST_DRAWN, columns: ["ended"] }),
    signal,
  });
  return rows
    .filter(({ state }) => !UNMARKED.includes(state))
    .map(({ id, state, values: [ended] }) => {
      const micros = typeof ended === "number" ? ended : 0;
      return {
        run: id,
        kind: "end",
        title: state,
        text: "",
        step: null,
        endStep: null,
        timeMicros: micros,
        endMicros: micros,
        runtimeMicros: 0,
        endRuntimeMicros: 0,
        nRows: 0,
        level: "INFO",
        exitCode: null,
      };
    });
}
