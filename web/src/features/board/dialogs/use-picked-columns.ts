/** Columns that a panel over runs can show besides logged metrics: results that were set, and parameters. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type Column, columnSearchQuery } from "@/api/runs/columns";
import type { ProjectRef } from "@/api/types";
import { matcherFor } from "@/data/text/text-match";
import { isParameter } from "@/panels/over-runs/columns";
import { useSettled } from "@/ui/hooks/use-settled";
import { columnsBeside, type ListedColumns } from "./listed-metrics";

const NO_COLUMNS: readonly Column[] = [];
const NONE: ListedColumns = { results: [], parameters: [] };

interface PickedColumns extends ListedColumns {
  /** They are all those of this search, not what is known of it so far. */
  readonly isCurrent: boolean;
}

/**
 * @param columns which a panel can show; null: metrics alone
 * @param metrics names of the metrics that are listed anyway; null: not known yet
 */
export function usePickedColumns(
  project: ProjectRef,
  columns: "results" | "any" | null,
  metrics: readonly string[] | null,
  search: string,
  isRegex: boolean,
): PickedColumns {
  // a pattern is one of names without their scope: the server knows them with it
  const words = isRegex ? "" : search.trim();
  const results = useScope(project, "summary.", words, columns !== null);
  const parameters = useScope(project, "config.", words, columns === "any");
  const isCurrent = columns === null || (metrics !== null && results.isCurrent && parameters.isCurrent);
  const listed = useMemo(() => {
    if (columns === null || metrics === null) return NONE;
    const { test } = matcherFor(search.trim(), isRegex);
    const all = [
      ...results.columns.filter(({ column }) => !isParameter(column)),
      ...parameters.columns.filter(({ column }) => isParameter(column)),
    ];
    return columnsBeside(all, metrics, (name) => test?.(name) ?? false);
  }, [columns, metrics, search, isRegex, results.columns, parameters.columns]);
  return { ...listed, isCurrent };
}

/**
 * The columns of a scope with these words: where one page has all of the scope they are in it at once; else the server
 * is asked, and until it answers the page's columns stand in.
 */
function useScope(project: ProjectRef, scope: string, words: string, isOn: boolean) {
  const settled = useSettled(words);
  const first = useQuery({ ...columnSearchQuery(project, scope), enabled: isOn });
  const isWhole = words === "" || first.data?.cursor === null;
  const searched = useQuery({
    ...columnSearchQuery(project, `${scope} ${settled}`),
    enabled: isOn && first.isSuccess && !isWhole && settled !== "",
  });
  const answer = isWhole ? first : settled === words ? searched : null;
  return {
    columns: (isOn && (answer?.data ?? first.data)?.columns) || NO_COLUMNS,
    isCurrent: !isOn || (answer !== null && !answer.isPending),
  };
}
