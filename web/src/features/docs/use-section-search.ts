/**
 * The sections of all documents that have the typed words.
 */

import { useQueries } from "@tanstack/react-query";
import { useDeferredValue, useMemo } from "react";
import { documentQuery } from "@/api/documents";
import { type DocumentEntry, searchDocuments } from "@/data/documents";

/** All texts are read when something is searched for, then kept. */
export function useSectionSearch(entries: readonly DocumentEntry[], typed: string) {
  const isSearching = typed.trim() !== "";
  const { texts, isLooking, error } = useQueries({
    queries: entries.map((entry) => ({ ...documentQuery(entry), enabled: isSearching })),
    combine: combineTexts,
  });
  const words = useDeferredValue(typed);
  const sections = useMemo(
    () =>
      searchDocuments(
        entries.flatMap((entry, i) => (texts[i] === undefined ? [] : [[entry, texts[i]] as const])),
        words,
      ),
    [entries, texts, words],
  );
  return { sections, isLooking: isLooking || words !== typed, error };
}

function combineTexts(results: readonly { data?: string; isFetching: boolean; error: Error | null }[]) {
  return {
    texts: results.map((result) => result.data),
    isLooking: results.some((result) => result.isFetching),
    error: results.find((result) => result.error)?.error ?? null,
  };
}
