/**
 * The state of the compare page, as the search part of its address; the charts have parts of their own.
 */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

export interface CompareUrl {
  /** The first is the one that others are compared with. */
  readonly ids: readonly string[];
  readonly find: string;
  /** Rows that are equal in all runs are shown, too. */
  readonly hasEqual: boolean;
  readonly hasCharts: boolean;
}

type SearchText = Readonly<Record<string, string | undefined>>;

function urlOf(search: SearchText): CompareUrl {
  return {
    ids: [...new Set((search.ids ?? "").split(",").filter((id) => id !== ""))],
    find: search.find ?? "",
    hasEqual: search.equal === "1",
    hasCharts: search.charts !== "0",
  };
}

/** The search part of the address. */
function searchOf({ ids, find, hasEqual, hasCharts }: CompareUrl): Record<string, string> {
  return {
    ...(ids.length > 0 && { ids: ids.join(",") }),
    ...(find && { find }),
    ...(hasEqual && { equal: "1" }),
    ...(!hasCharts && { charts: "0" }),
  };
}

const OWN = new Set(["ids", "find", "equal", "charts"]);

export function useCompareUrl(): [CompareUrl, (change: Partial<CompareUrl>) => void] {
  const search = useSearch({ strict: false }) as SearchText;
  const navigate = useNavigate();
  const url = useMemo(() => urlOf(search), [search]);
  const change = useCallback(
    (changed: Partial<CompareUrl>) =>
      void navigate({
        to: ".",
        search: ((before: SearchText) => ({
          ...Object.fromEntries(Object.entries(before).filter(([name]) => !OWN.has(name))),
          ...searchOf({ ...urlOf(before), ...changed }),
        })) as never,
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  return [url, change];
}
