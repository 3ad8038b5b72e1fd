/**
 * The table of an artifact's versions, as the search part of the page's address.
 */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { sortOfText, sortText, type VersionSort } from "@/data/artifacts/version-columns";

export interface VersionsUrl {
  /** Names of metadata; null: those that are shown at first. */
  readonly columns: readonly string[] | null;
  readonly sort: VersionSort | null;
  /** The metadata that is drawn; null: the first with numbers. */
  readonly drawn: string | null;
}

type SearchText = Readonly<Record<string, string | undefined>>;

function urlOf({ columns, sort = "", drawn }: SearchText): VersionsUrl {
  return { columns: namesOf(columns), sort: sortOfText(sort), drawn: drawn ?? null };
}

/** Names may have any characters, so they are a list in JSON. */
function namesOf(text: string | undefined): readonly string[] | null {
  try {
    const names: unknown = JSON.parse(text ?? "null");
    return Array.isArray(names) ? names.map(String) : null;
  } catch {
    return null;
  }
}

export function useVersionsUrl(): [VersionsUrl, (change: Partial<VersionsUrl>) => void] {
  const search = useSearch({ strict: false }) as SearchText;
  const navigate = useNavigate();
  const change = useCallback(
    (changed: Partial<VersionsUrl>) =>
      void navigate({
        to: ".",
        search: ((current: SearchText) => {
          const { columns, sort, drawn } = { ...urlOf(current), ...changed };
          return {
            ...(columns && { columns: JSON.stringify(columns) }),
            ...(sort && { sort: sortText(sort) }),
            ...(drawn && { drawn }),
          };
        }) as never,
        replace: true,
      }),
    [navigate],
  );
  const url = useMemo(() => urlOf(search), [search]);
  return [url, change];
}
