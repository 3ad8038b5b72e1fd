/** Projects and the server itself: queries, and what can be done with a project. */

import { queryOptions } from "@tanstack/react-query";
import { jsonBody, projectPath, readJson, request, requestJson } from "./client";
import type { Project, ProjectRef, Schemas, ServerInfo } from "./types";

/** Home has no event stream (events are per project), so it asks again while it is looked at. */
export const HOME_REFRESH_MILLIS = 10_000;
/** Interval at which `weft ui` is asked whether its directory can be read; other servers follow none. */
const FOLLOWING_REFRESH_MILLIS = 5_000;
const ACTIVITY_REFRESH_MILLIS = 120_000;

/** All projects, newest activity first. */
export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: readJson<{ projects: Project[] }>("/projects"),
  select: (page) => page.projects,
  refetchInterval: HOME_REFRESH_MILLIS,
});

/** The server's version, the address that scripts reach it by, and how its directory is read. */
export const serverQuery = queryOptions({
  queryKey: ["server"],
  queryFn: readJson<ServerInfo>("/server"),
  staleTime: Number.POSITIVE_INFINITY,
  refetchInterval: (query) => (query.state.data?.following ? FOLLOWING_REFRESH_MILLIS : false),
});

/** One project. An error tells why its pages can't be shown: 403, 404. */
export function projectQuery(ref: ProjectRef) {
  return queryOptions({
    queryKey: ["project", ref.entity, ref.project],
    queryFn: readJson<Project>(projectPath(ref)),
    // only a definite refusal matters, and that comes at the first try
    retry: false,
  });
}

/** One name for a project among all: names have no `/`. */
export function projectId({ entity, project }: ProjectRef): string {
  return `${entity}/${project}`;
}

/** Number of runs made on each of the last days, by `projectId`; projects without any are missing. */
export function activityQuery(nDays: number) {
  return queryOptions({
    queryKey: ["activity", nDays],
    queryFn: async ({ signal }) => {
      const { projects } = await requestJson<Schemas["ProjectActivityList"]>(
        `/projects/activity?days=${nDays}`,
        { signal },
      );
      return Object.fromEntries(projects.map((project) => [projectId(project), project.n_new_runs]));
    },
    refetchInterval: ACTIVITY_REFRESH_MILLIS,
  });
}

/** The disk space of a project, including its trash. */
export function projectSizeQuery(ref: ProjectRef) {
  return queryOptions({
    queryKey: ["project-size", ref.entity, ref.project],
    queryFn: async ({ signal }) =>
      (await requestJson<Schemas["ProjectSizes"]>(`${projectPath(ref)}/sizes?limit=1`, { signal })).n_bytes,
  });
}

interface BestRun {
  readonly id: string;
  readonly name: string;
  readonly color: number;
  readonly value: unknown;
}

/** The run of a project that is best by a column with a goal; null: none has it. */
export function bestRunQuery(ref: ProjectRef, column: string, goal: "minimize" | "maximize") {
  return queryOptions({
    queryKey: ["best-run", ref.entity, ref.project, column, goal],
    queryFn: async ({ signal }): Promise<BestRun | null> => {
      const body = { order: [{ column, descending: goal === "maximize" }], columns: [column], limit: 1 };
      const { rows } = await requestJson<Schemas["Table"]>(`${projectPath(ref)}/runs/query`, {
        ...jsonBody<"RunQuery">("POST", body),
        signal,
      });
      const [row] = rows;
      return row ? { id: row.id, name: row.name, color: row.color, value: row.values[0] } : null;
    },
  });
}

/** Make a project unless it is there. */
export function makeProject(ref: ProjectRef, description: string | null): Promise<Project> {
  return requestJson<Project>(projectPath(ref), jsonBody<"ProjectEdit">("PUT", { description }));
}

/** Say what a project is about; null: nothing. */
export function describeProject(ref: ProjectRef, description: string | null): Promise<Project> {
  return requestJson<Project>(projectPath(ref), jsonBody<"ProjectEdit">("PATCH", { description }));
}

/** The locked runs and versions of a project, which keep it from being deleted. */
export function askLocks(ref: ProjectRef): Promise<Schemas["ProjectLocks"]> {
  return requestJson<Schemas["ProjectLocks"]>(`${projectPath(ref)}/locks`);
}

/** Move a project with its runs to the trash. */
export async function deleteProject(ref: ProjectRef): Promise<void> {
  await request(projectPath(ref), { method: "DELETE" });
}

/** Bring back the project of this name that was deleted last. */
export async function undeleteProject(ref: ProjectRef): Promise<void> {
  await request(`${projectPath(ref)}/undelete`, { method: "POST" });
}
