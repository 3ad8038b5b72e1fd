/** The result that panels over runs are about: of their metric, else the project's key metric. */

import { useQuery } from "@tanstack/react-query";
import { aimedColumnsQuery, columnSearchQuery } from "@/api/runs/columns";
import type { ProjectRef } from "@/api/types";
import { aimOf } from "@/data/metrics/goal";
import { goalOfAggregate, keyColumnOf, likelyColumnOf } from "@/data/metrics/key-metric";
import type { ColumnFacts, Goal } from "@/data/table/column-facts";
import { labelOf } from "@/data/table/columns";
import { useSummaryColumn } from "./use-run-rows";

interface KeyColumn {
  /** Null: not known yet, or there is none. */
  readonly column: string | null;
  /** As its definition or else its name tells; null: neither does. */
  readonly goal: Goal | null;
  readonly isKnown: boolean;
}

/** The summary of the metric with a goal that many runs have; without goals the summary of the likeliest name. */
export function useKeyColumn(project: ProjectRef, isOn: boolean): KeyColumn {
  const aimed = useQuery({ ...aimedColumnsQuery(project), enabled: isOn });
  const key = aimed.data ? keyColumnOf(aimed.data) : null;
  const isLacking = aimed.isSuccess && key === null;
  const used = useQuery({ ...columnSearchQuery(project, "summary."), enabled: isOn && isLacking });
  const likely = isLacking && used.data ? likelyColumnOf(used.data.columns) : null;
  const column = key ?? likely;
  return {
    column: column?.column ?? null,
    goal: column && goalOfColumn(column),
    isKnown: column !== null || (isLacking && used.isFetched),
  };
}

function goalOfColumn({ column, goal }: Pick<ColumnFacts, "column" | "goal">): Goal | null {
  const { label, aggregate } = labelOf(column);
  return aimOf(label, goal ?? goalOfAggregate(label, aggregate));
}

/** @param metric null: the project's key metric */
export function useResultColumn(
  project: ProjectRef,
  metric: string | null,
  isOn: boolean,
): Pick<KeyColumn, "column" | "isKnown"> {
  const summary = useSummaryColumn(project, isOn ? metric : null);
  const key = useKeyColumn(project, isOn && metric === null);
  return metric === null ? key : { column: summary, isKnown: summary !== null };
}
