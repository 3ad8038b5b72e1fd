import { jsonBody, projectPath, request, requestJson, SHARED_ENTITY } from "../client";
import type { ProjectRef, Schemas } from "../types";
import { type RowsRequest, setBody } from "./run-requests";

export type ExportPage = Schemas["Table"];

/**
 * The runs that a question finds after a cursor (null: the first), with values by `columns`: for files, not for lists.
 */
export function askExportPage(
  ref: ProjectRef,
  rows: RowsRequest,
  cursor: string | null,
  limit: number,
  signal: AbortSignal,
): Promise<ExportPage> {
  const { order, columns } = rows;
  return requestJson<ExportPage>(`${projectPath(ref)}/runs/query`, {
    ...jsonBody<"RunQuery">("POST", {
      ...setBody(rows),
      ...(order.length > 0 && { order }),
      ...(cursor && { cursor }),
      columns,
      limit,
    }),
    signal,
  });
}

/** Note in the audit log that this page saves CSV. What a link shares has none: its readers have no names. */
export async function noteExport(ref: ProjectRef, note: Schemas["ExportNote"]): Promise<void> {
  if (ref.entity === SHARED_ENTITY) return;
  await request(`${projectPath(ref)}/export/note`, jsonBody<"ExportNote">("POST", note));
}
