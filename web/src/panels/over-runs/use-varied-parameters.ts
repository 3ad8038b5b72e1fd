import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type Column, parametersQuery } from "@/api/runs/columns";
import type { ProjectRef } from "@/api/types";
import { variedParameters } from "@/data/table/varied-parameters";

/**
 * The parameters in which a project's runs differ, those of most runs first: what panels begin with. Null: on its way.
 */
export function useVariedParameters(project: ProjectRef, isOn: boolean): readonly Column[] | null {
  const { data } = useQuery({ ...parametersQuery(project), enabled: isOn });
  return useMemo(() => (data ? variedParameters(data) : null), [data]);
}
