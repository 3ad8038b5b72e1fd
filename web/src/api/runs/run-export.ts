import { jsonBody, projectPath, requestJson } from "../client";
import type { ProjectRef, Schemas } from "../types";
import { type RowsRequest, setBody } from "./run-requests";

export type ExportPage = Schemas["Table"];

/**
 * The runs that a question finds after a cursor (null: the first), with values by `columns`: for files, not for lists.
 */
export function askExportPage(
  ref: ProjectRef,
  request: RowsRequest,
  cursor: string | null,
  limit: number,
  signal: AbortSignal,
): Promise<ExportPage> {
  const { order, columns } = request;
  return requestJson<ExportPage>(`${projectPath(ref)}/runs/query`, {
    ...jsonBody<"RunQuery">("POST", {
      ...setBody(request),
      ...(order.length > 0 && { order }),
      ...(cursor && { cursor }),
      columns,
      limit,
    }),
    signal,
  });
}
