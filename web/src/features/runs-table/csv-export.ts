import { askExportPage, type ExportPage } from "@/api/runs/run-export";
import type { RowsRequest } from "@/api/runs/run-requests";
import type { ProjectRef } from "@/api/types";
import { csvLine, csvValue, escapeFormula } from "@/data/table/csv";

const PAGE_ROWS = 2_000;
/** Values of one answer: pages are smaller where there are many columns. */
const PAGE_VALUES = 100_000;

export interface CsvRequest {
  readonly request: Omit<RowsRequest, "columns">;
  /** Beside id and name, which come first. */
  readonly columns: readonly string[];
  /** Texts and names of columns that a spreadsheet would run are escaped. */
  readonly escapesFormulas: boolean;
  onProgress(nDone: number, total: number): void;
  readonly signal: AbortSignal;
}

/**
 * The content of a CSV file with all runs that the table's filter finds, in its order, read page after page. Rejects when a
 * page can't be read or the work is given up.
 */
export async function exportCsv(
  project: ProjectRef,
  { request, columns, escapesFormulas, onProgress, signal }: CsvRequest,
): Promise<Blob> {
  const limit = Math.max(100, Math.min(PAGE_ROWS, Math.floor(PAGE_VALUES / Math.max(1, columns.length))));
  const line = (values: readonly unknown[]) => csvLine(escapesFormulas ? values.map(escapeFormula) : values);
  const parts: string[] = [line(["id", "name", ...columns])];
  let cursor: string | null = null;
  let nDone = 0;
  do {
    const page: ExportPage = await askExportPage(project, { ...request, columns }, cursor, limit, signal);
    parts.push(
      page.rows
        .map((row) =>
          line([row.id, row.name, ...columns.map((column, i) => csvValue(column, row.values[i]))]),
        )
        .join(""),
    );
    nDone += page.rows.length;
    onProgress(nDone, page.total);
    cursor = page.cursor;
  } while (cursor !== null);
  return new Blob(parts, { type: "text/csv;charset=utf-8" });
}
