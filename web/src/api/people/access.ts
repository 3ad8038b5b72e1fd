/** Who may do what in a project. */

import { queryOptions } from "@tanstack/react-query";
import { jsonBody, projectPath, readJson, requestJson } from "../client";
import type { ProjectRef, Schemas } from "../types";

export type ProjectAccess = Schemas["ProjectAccess"];
export type ProjectAccessEdit = Schemas["ProjectAccessEdit"];
export type AccessExplanation = Schemas["AccessExplanation"];
export type Visibility = ProjectAccess["visibility"];

export function accessQuery(ref: ProjectRef) {
  return queryOptions({
    queryKey: ["access", ref.entity, ref.project],
    queryFn: readJson<ProjectAccess>(`${projectPath(ref)}/access`),
    staleTime: 0,
    retry: false,
  });
}

export function editAccess(ref: ProjectRef, edit: ProjectAccessEdit): Promise<ProjectAccess> {
  return requestJson<ProjectAccess>(
    `${projectPath(ref)}/access`,
    jsonBody<"ProjectAccessEdit">("PATCH", edit),
  );
}

/** Move projects to a user or team, all or none; with `dry_run`, why some can't be moved. */
export function moveProjects(moves: Schemas["ProjectMoves"]): Promise<Schemas["ProjectMoveReport"]> {
  return requestJson("/projects/move", jsonBody<"ProjectMoves">("POST", moves));
}

/** What a user may do in a project, and why. */
export function explanationQuery(ref: ProjectRef, user: string) {
  return queryOptions({
    queryKey: ["access", ref.entity, ref.project, user],
    queryFn: readJson<AccessExplanation>(`${projectPath(ref)}/access/${encodeURIComponent(user)}`),
    staleTime: 0,
    retry: false,
  });
}
