/** The keys of comments in the cache: alone here, as each page that follows a project knows them. */

import type { ProjectRef } from "../types";

export function commentsKey({ entity, project }: ProjectRef, ...report: readonly string[]) {
  return ["comments", entity, project, ...report] as const;
}
