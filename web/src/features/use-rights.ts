/**
 * What the person at the browser may do in a project: pages offer that, and nothing that the server would refuse.
 */

import { useQuery } from "@tanstack/react-query";
import { projectQuery, serverQuery } from "@/api/projects";
import type { Project, ProjectRef } from "@/api/types";

interface Rights {
  /** Edit and delete runs and what belongs to them. */
  readonly mayWrite: boolean;
  /** Share them by link, which a closed team does not. */
  readonly mayShare: boolean;
  /** Change the project itself: its settings, who sees it, whether it is there. */
  readonly mayManage: boolean;
}

/**
 * The rights in a project whose page is open, of the person or of whom an admin looks as. `PageGate` asks the server;
 * until it has answered, and in a project that is not there yet, all is offered.
 */
export function useRights(project: ProjectRef): Rights {
  return rightsIn(useQuery({ ...projectQuery(project), enabled: false }).data);
}

export function rightsIn(project: Pick<Project, "role" | "is_closed"> | undefined): Rights {
  const role = project?.role ?? "admin";
  const mayWrite = role !== "viewer";
  return { mayWrite, mayShare: mayWrite && !project?.is_closed, mayManage: role === "admin" };
}

/** Whether the person may change their account and teams: not while an admin looks as someone else. */
export function useMayChange(): boolean {
  return !useQuery({ ...serverQuery, enabled: false }).data?.seen_as;
}
