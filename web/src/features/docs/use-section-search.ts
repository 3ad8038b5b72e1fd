import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useMemo } from "react";
import { sectionsQuery } from "@/api/documents";
import { type DocumentEntry, searchSections } from "@/data/documents";

/** All texts are read when something is searched for, then kept. */
export function useSectionSearch(entries: readonly DocumentEntry[], typed: string) {
  const { data, isFetching, error } = useQuery({
    ...sectionsQuery(entries),
    enabled: typed.trim() !== "" && entries.length > 0,
  });
  const words = useDeferredValue(typed);
  const sections = useMemo(() => searchSections(data ?? [], words), [data, words]);
  return { sections, isLooking: isFetching || words !== typed, error };
}
