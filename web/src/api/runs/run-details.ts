/** Requests of a run's own page beyond the run: writers, alerts, sizes, its machine, the trash. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ApiError, projectPath, readJson, requestJson, runPath } from "../client";
import type { ProjectRef, Run, Schemas } from "../types";

export type Writer = Schemas["Writer"];
type Alert = Schemas["Alert"];
export type RunSizes = Schemas["RunSizes"];
type TrashedRun = Schemas["TrashedRun"];

function detailKey(ref: ProjectRef, run: string, detail: string) {
  return ["run-detail", ref.entity, ref.project, run, detail] as const;
}

export function writersQuery(ref: ProjectRef, run: string) {
  return queryOptions({
    queryKey: detailKey(ref, run, "writers"),
    queryFn: async ({ signal }): Promise<readonly Writer[]> =>
      (await requestJson<Schemas["WriterList"]>(`${runPath(ref, run)}/writers`, { signal })).writers,
  });
}

/** A run's alerts, the oldest first; asked again when it has more of them. */
export function alertsQuery(run: Run) {
  return queryOptions({
    queryKey: [...detailKey(run, run.id, "alerts"), run.n_alerts] as const,
    queryFn: async ({ signal }): Promise<readonly Alert[]> =>
      (await requestJson<Schemas["AlertList"]>(`${runPath(run, run.id)}/alerts`, { signal })).alerts,
    placeholderData: keepPreviousData,
  });
}

export function sizesQuery(ref: ProjectRef, run: string) {
  return queryOptions({
    queryKey: detailKey(ref, run, "sizes"),
    queryFn: readJson<RunSizes>(`${runPath(ref, run)}/sizes?limit=1`),
  });
}

/** So many of a run's metrics are listed by size. */
export const MOST_SIZES = 50;

/** The largest of a run's metrics whose name has a text. */
export function metricSizesQuery(ref: ProjectRef, run: string, search: string) {
  return queryOptions({
    queryKey: [...detailKey(ref, run, "sizes"), search] as const,
    queryFn: readJson<RunSizes>(
      `${runPath(ref, run)}/sizes?limit=${MOST_SIZES}&search=${encodeURIComponent(search)}`,
    ),
    placeholderData: keepPreviousData,
  });
}

/** The run as it is in the trash. Null if it is not there either. */
export function trashedRunQuery(ref: ProjectRef, run: string) {
  return queryOptions({
    queryKey: detailKey(ref, run, "trash"),
    queryFn: async ({ signal }): Promise<TrashedRun | null> => {
      try {
        const { runs } = await requestJson<Schemas["Trash"]>(`${projectPath(ref)}/trash?limit=1000`, {
          signal,
        });
        return runs.find(({ id }) => id === run) ?? null;
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
  });
}
