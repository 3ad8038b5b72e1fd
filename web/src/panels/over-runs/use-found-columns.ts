/**
 * The columns that a typed text finds, those of most runs first.
 *
 * One page is kept: where it has all columns of the project, what is typed is found in it at once; else the
 * server is asked, and until it answers the page's columns stand in.
 */

import { useQuery } from "@tanstack/react-query";
import { type Column, foundColumnsQuery } from "@/api/columns";
import type { ProjectRef } from "@/api/types";
import { findColumns } from "@/data/table/find-columns";
import { useSettled } from "@/ui/hooks/use-settled";

interface FoundColumns {
  readonly columns: readonly Column[];
  /** They are those of this text, not what is known of it so far. */
  readonly isCurrent: boolean;
  readonly error: string | null;
}

const NO_COLUMNS: readonly Column[] = [];

export function useFoundColumns(project: ProjectRef, typed: string): FoundColumns {
  const search = typed.trim();
  const settled = useSettled(search);
  const first = useQuery(foundColumnsQuery(project, ""));
  const isWhole = first.data?.cursor === null;
  const asked = useQuery({
    ...foundColumnsQuery(project, settled),
    enabled: first.isSuccess && !isWhole && settled !== "",
  });
  const known = first.data?.columns ?? NO_COLUMNS;
  if (search === "") return { columns: known, isCurrent: first.isSuccess, error: errorOf(first.error) };
  if (!isWhole && settled === search && asked.data)
    return { columns: asked.data.columns, isCurrent: true, error: null };
  return {
    columns: findColumns(known, search),
    isCurrent: isWhole,
    error: errorOf(first.error ?? asked.error),
  };
}

function errorOf(error: Error | null): string | null {
  return error && `The columns could not be read: ${error.message}`;
}
