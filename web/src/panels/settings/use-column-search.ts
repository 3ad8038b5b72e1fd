/**
 * The columns that a typed text finds, the likeliest first.
 *
 * One page is kept: where it has all columns of the project, what is typed is found in it at once; else the
 * server is asked, and until it answers the page's columns stand in.
 */

import { useQuery } from "@tanstack/react-query";
import { type Column, columnSearchQuery } from "@/api/runs/columns";
import type { ProjectRef } from "@/api/types";
import { findColumns } from "@/data/table/find-columns";
import { useSettled } from "@/ui/hooks/use-settled";

interface ColumnSearch {
  readonly columns: readonly Column[];
  /** They are those of this text, not what is known of it so far. */
  readonly isCurrent: boolean;
  readonly error: string | null;
}

const NO_COLUMNS: readonly Column[] = [];

export function useColumnSearch(project: ProjectRef, typed: string): ColumnSearch {
  const search = typed.trim();
  const settled = useSettled(search);
  const first = useQuery(columnSearchQuery(project, ""));
  const isWhole = first.data?.cursor === null;
  const searched = useQuery({
    ...columnSearchQuery(project, settled),
    enabled: first.isSuccess && !isWhole && settled !== "",
  });
  const columns = first.data?.columns ?? NO_COLUMNS;
  if (search === "") return { columns, isCurrent: first.isSuccess, error: errorOf(first.error) };
  if (!isWhole && settled === search && searched.data)
    return { columns: findColumns(searched.data.columns, search), isCurrent: true, error: null };
  return {
    columns: findColumns(columns, search),
    isCurrent: isWhole,
    error: errorOf(first.error ?? searched.error),
  };
}

function errorOf(error: Error | null): string | null {
  return error && `The columns could not be read: ${error.message}`;
}
