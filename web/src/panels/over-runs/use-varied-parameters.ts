import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { SHARED_ENTITY } from "@/api/client";
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

/** Why a panel that begins with such a parameter is empty. */
export function sameParametersText({ entity }: ProjectRef): string {
  return entity === SHARED_ENTITY
    ? "This page shows no parameter in which the runs differ."
    : "The runs do not differ in any parameter of their config.";
}
