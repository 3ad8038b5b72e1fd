import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { columnValuesQuery } from "@/api/runs/groups";
import type { ProjectRef } from "@/api/types";

const ALL_RUNS = { filter: "", search: "", isRegex: false };
const NO_TAGS: readonly string[] = [];
/** Tags change seldom; a field need not know the newest at once. */
const OLD_MILLIS = 30_000;

/** Tags in use in a project, the most frequent first, which fields for tags offer. */
export function useTags(project: ProjectRef): readonly string[] {
  const values = useQuery({ ...columnValuesQuery(project, "tags", ALL_RUNS), staleTime: OLD_MILLIS });
  return useMemo(
    () => values.data?.map(({ value }) => value).filter((tag) => typeof tag === "string") ?? NO_TAGS,
    [values.data],
  );
}
