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
): ListedColumns {
  // a pattern is one of names without their scope: the server knows them with it
  const words = useSettled(isRegex ? "" : search.trim());
  const results = useQuery({
    ...columnSearchQuery(project, `summary. ${words}`.trim()),
    enabled: columns !== null,
  });
  const parameters = useQuery({
    ...columnSearchQuery(project, `config. ${words}`.trim()),
    enabled: columns === "any",
  });
  const [resultColumns, parameterColumns] = [results.data?.columns, parameters.data?.columns];
  return useMemo(() => {
    if (columns === null || metrics === null) return NONE;
    const { test } = matcherFor(search.trim(), isRegex);
    const all = [
      ...(resultColumns ?? NO_COLUMNS).filter(({ column }) => !isParameter(column)),
      ...(columns === "any" ? (parameterColumns ?? NO_COLUMNS) : NO_COLUMNS).filter(({ column }) =>
        isParameter(column),
      ),
    ];
    return columnsBeside(all, metrics, (name) => test?.(name) ?? false);
  }, [columns, metrics, search, isRegex, resultColumns, parameterColumns]);
}
