import { useQuery } from "@tanstack/react-query";
import { aimedColumnsQuery } from "@/api/runs/columns";
import type { ProjectRef } from "@/api/types";
import type { Goal } from "@/data/table/column-facts";
import { summaryColumns } from "./columns";

/** The goal of a metric in a project; null: `define_metric` gave it none, or it is not known yet. */
export function useGoal(project: ProjectRef, metric: string, isOn: boolean): Goal | null {
  const { data } = useQuery({ ...aimedColumnsQuery(project), enabled: isOn && metric !== "" });
  const names = summaryColumns(metric);
  return data?.find(({ column }) => names.includes(column.replaceAll("\\.", ".")))?.goal ?? null;
}
