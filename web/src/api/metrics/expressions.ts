import { queryOptions } from "@tanstack/react-query";
import { ApiError, jsonBody, projectPath, request } from "../client";
import type { ProjectRef, Schemas } from "../types";

export interface ExpressionProblem {
  readonly reason: string;
  /** In the text, from 1; null: it has no place there. */
  readonly column: number | null;
}

/**
 * The problem of an expression; null when there is none.
 *
 * @param isAxis whether it is an x axis, which needs no metric but is without a baseline
 */
export function expressionQuery(ref: ProjectRef, text: string, isAxis = false) {
  return queryOptions({
    queryKey: ["expression", text, isAxis] as const,
    queryFn: async ({ signal }): Promise<ExpressionProblem | null> => {
      // a question for no runs is checked like any other, and costs nothing
      const panel: Schemas["PanelQuery"] = isAxis
        ? { runs: [], axis: "expression", axis_expression: text }
        : { runs: [], expressions: [{ name: "x", text }] };
      try {
        await request(`${projectPath(ref)}/series`, {
          ...jsonBody<"PanelsQuery">("POST", { panels: [panel] }),
          signal,
        });
        return null;
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 400) throw error;
        return { reason: error.errors[0]?.reason ?? error.message, column: error.column };
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}
