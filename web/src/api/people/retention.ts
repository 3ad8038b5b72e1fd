/** The rules by which old parts of a project's runs go by themselves, and what goes by them. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { jsonBody, projectPath, readJson, requestJson } from "../client";
import type { ProjectRef, Schemas } from "../types";

export type RetentionRules = Schemas["RetentionRules"];
export type RetentionPart = Schemas["RetentionPart"];
export type RetentionPreview = Schemas["RetentionPreview"];

function keyOf(ref: ProjectRef, ...rest: readonly unknown[]): readonly unknown[] {
  return ["retention", ref.entity, ref.project, ...rest];
}

export function retentionQuery(ref: ProjectRef) {
  return queryOptions({
    queryKey: keyOf(ref),
    queryFn: readJson<RetentionRules>(`${projectPath(ref)}/retention`),
    staleTime: 0,
  });
}

/** Files and runs that would go by some rules now. */
export function retentionPreviewQuery(ref: ProjectRef, rules: RetentionRules) {
  return queryOptions({
    queryKey: keyOf(ref, "preview", rules),
    queryFn: ({ signal }) =>
      requestJson<RetentionPreview>(`${projectPath(ref)}/retention/preview`, {
        ...jsonBody<"RetentionRules">("POST", rules),
        signal,
      }),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
}

export function setRetention(ref: ProjectRef, rules: RetentionRules): Promise<RetentionPreview> {
  return requestJson<RetentionPreview>(
    `${projectPath(ref)}/retention`,
    jsonBody<"RetentionRules">("PUT", rules),
  );
}
