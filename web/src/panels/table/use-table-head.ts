/** The first rows of a table that pass what was asked, and the rows before while these are on their way. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { fileVersion } from "@/api/files/media";
import { type TableWindow, tableQuery } from "@/api/files/tables";
import type { ProjectRef } from "@/api/types";
import { useSettled } from "@/ui/hooks/use-settled";
import type { RowOptions } from "./options";
import type { TableEntry } from "./table-choice";
import { PIECE_ROWS, type TableRequest } from "./use-pieces";

/** The rows that can be shown, and what they were asked for by. */
interface Held {
  readonly request: TableRequest;
  readonly hash: string;
  readonly window: TableWindow;
}

export interface TableHead {
  readonly held: Held | null;
  /** These are rows of another order or other conditions; the wanted ones are on their way. */
  readonly isLate: boolean;
  readonly error: Error | null;
  onRetry(): void;
}

/** The server answers sooner than a person types the next key but one. */
const TYPING_MILLIS = 100;

export function useTableHead(
  project: ProjectRef,
  { run: { id: run }, artifact = null, minus, key, item, union }: TableEntry,
  /** Of the panel. Null: there is only one. */
  step: number | null,
  { search, sort, filters, group, computed, join: option }: RowOptions,
): TableHead {
  const conditions = useSettled(JSON.stringify({ search, filters }), TYPING_MILLIS);
  // as texts: another width of a column makes new objects, and must not begin at the top again
  const order = JSON.stringify(sort);
  const chosen = option && { run: option.run, key, step: option.step ?? step, keys: [option.on, option.on] };
  const join = JSON.stringify(union ? null : (item?.join ?? chosen));
  const united = JSON.stringify(union?.map(unitedTable) ?? null);
  const columns = JSON.stringify(computed);
  const request = useMemo(
    (): TableRequest => ({
      ...(united === "null"
        ? { ...(artifact === null ? { run } : { run: "", artifact }), path: item?.file.path ?? "" }
        : { run: "", union: JSON.parse(united) as NonNullable<TableRequest["union"]> }),
      computed: JSON.parse(columns) as TableRequest["computed"],
      ...(minus && { minus }),
      group,
      join: JSON.parse(join) as TableRequest["join"],
      sort: JSON.parse(order) as TableRequest["sort"],
      ...(JSON.parse(conditions) as Pick<RowOptions, "search" | "filters">),
    }),
    [run, artifact, minus, item?.file.path, group, join, united, columns, order, conditions],
  );
  const hash = (union ?? [{ item }])
    .map((entry) => (entry.item ? fileVersion(entry.item.file) : ""))
    .join("\n");
  const query = useQuery({
    ...tableQuery(project, hash, { ...request, offset: 0, limit: PIECE_ROWS }),
    enabled: item !== null && item.file.state === "stored",
  });
  const current = useMemo(
    () => (query.data ? { request, hash, window: query.data } : null),
    [request, hash, query.data],
  );
  const [before, setBefore] = useState<Held | null>(null);
  useEffect(() => {
    if (current) setBefore(current);
  }, [current]);
  // rows of another table are not shown in place of a failed one
  const isSame = before?.request.path === request.path && before?.hash === hash;
  const held = current ?? (query.error && !isSame ? null : before);
  return {
    held,
    isLate: current === null && held !== null,
    error: query.error,
    onRetry: () => void query.refetch(),
  };
}

function unitedTable({ run, item, label }: TableEntry) {
  return { run: run.id, path: item?.file.path ?? "", label };
}
