/** Names of runs that something tells the ids of. */

import { queryOptions } from "@tanstack/react-query";
import { filterText } from "@/data/filter/tree";
import { jsonBody, projectPath, requestJson } from "../client";
import type { ProjectRef, Schemas } from "../types";
import { runsKey } from "./run-rows";

const MOST_RUNS = 200;

/** Names by ids, those of deleted runs left out. */
export function runNamesQuery(ref: ProjectRef, runs: readonly string[]) {
  const ids = runs.slice(0, MOST_RUNS);
  return queryOptions({
    queryKey: [...runsKey(ref), "names", ids] as const,
    queryFn: async ({ signal }): Promise<ReadonlyMap<string, string>> => {
      const filter = filterText({ column: "id", op: "in", value: ids });
      const { rows } = await requestJson<Schemas["Table"]>(`${projectPath(ref)}/runs/query`, {
        ...jsonBody<"RunQuery">("POST", { filter, columns: [], limit: MOST_RUNS }),
        signal,
      });
      return new Map(rows.map(({ id, name }) => [id, name]));
    },
  });
}
