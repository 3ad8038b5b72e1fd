import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { aimedColumnsQuery } from "@/api/runs/columns";
import type { ProjectRef } from "@/api/types";
import type { Goal } from "@/data/table/column-facts";
import { labelOf } from "@/data/table/columns";
import { summaryColumns } from "./columns";

/** The goal of a metric in a project; null: `define_metric` gave it none, or it is not known yet. */
export function useGoal(project: ProjectRef, metric: string, isOn: boolean): Goal | null {
  const { data } = useQuery({ ...aimedColumnsQuery(project), enabled: isOn && metric !== "" });
  const names = summaryColumns(metric);
  return data?.find(({ column }) => names.includes(column.replaceAll("\\.", ".")))?.goal ?? null;
}

/** The metrics to which `define_metric` gave a goal; none while they are not known. */
export function useAimedMetrics(project: ProjectRef): ReadonlySet<string> {
  const { data } = useQuery(aimedColumnsQuery(project));
  return useMemo(() => new Set(data?.map(({ column }) => labelOf(column).label)), [data]);
}
