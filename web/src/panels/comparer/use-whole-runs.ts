/** Runs by their ids, with all of their config and summary; live ones are asked for again. */

import { useQueries } from "@tanstack/react-query";
import { runQuery } from "@/api/runs/run";
import type { ProjectRef, Run } from "@/api/types";

/** More runs side by side than this cannot be read. */
export const MOST_COMPARED = 8;
/** Results of a running run change without a word about the run itself. */
const LIVE_MILLIS = 2000;

export interface WholeRuns {
  /** In the order of the ids; undefined until it has come. */
  readonly runs: readonly (Run | undefined)[];
  /** By the same order why a run has not come; null: nothing is wrong. */
  readonly errors: readonly (Error | null)[];
  readonly isPending: boolean;
  refetch(): void;
}

export function useWholeRuns(project: ProjectRef, ids: readonly string[], isOn: boolean): WholeRuns {
  return useQueries({
    queries: ids.map((id) => ({
      ...runQuery(project, id),
      enabled: isOn,
      refetchInterval: ({ state }: { state: { data?: Run } }) =>
        state.data?.state === "running" ? LIVE_MILLIS : (false as const),
    })),
    combine: (results) => ({
      runs: results.map(({ data }) => data),
      errors: results.map(({ data, error }) => (data === undefined ? error : null)),
      isPending: results.some(({ data, error }) => data === undefined && error === null),
      refetch: () => {
        for (const result of results) if (result.isError) void result.refetch();
      },
    }),
  });
}
