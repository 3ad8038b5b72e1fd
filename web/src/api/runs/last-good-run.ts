import { queryOptions } from "@tanstack/react-query";
import { jsonBody, projectPath, requestJson } from "../client";
import type { ProjectRef, Run, Schemas } from "../types";
import { runsKey } from "./run-rows";

/**
 * The id of the last good run before another: the newest finished one of the same person that began earlier; null: there is
 * none.
 */
export function lastGoodRunQuery(ref: ProjectRef, run: Run | null) {
  return queryOptions({
    queryKey: [...runsKey(ref), "last-good", run?.id] as const,
    queryFn: async ({ signal }): Promise<string | null> => {
      if (!run) return null;
      const body: Schemas["RunQuery"] = {
        filter: {
          and: [
            { column: "state", op: "=", value: "finished" },
            { column: "created", op: "<", value: run.created_micros },
            ...(run.user ? [{ column: "user", op: "=", value: run.user }] : []),
          ],
        },
        order: [{ column: "created", descending: true }],
        columns: [],
        limit: 1,
      };
      const { rows } = await requestJson<Schemas["Table"]>(`${projectPath(ref)}/runs/query`, {
        ...jsonBody<"RunQuery">("POST", body),
        signal,
      });
      return rows[0]?.id ?? null;
    },
  });
}
