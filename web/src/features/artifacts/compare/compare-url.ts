/**
 * The state of a comparison, as a part of the search part of the page's address.
 */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

export interface CompareUrl {
  /** The version that is compared with; '' is the one before. */
  readonly before: string;
  /** The path of the chosen file; '' is the metadata. */
  readonly file: string;
  readonly find: string;
  /** Files that are the same are listed, too. */
  readonly showsSame: boolean;
}

type SearchText = Readonly<Record<string, string | undefined>>;

function urlOf({ before = "", file = "", find = "", same }: SearchText): CompareUrl {
  return { before, file, find, showsSame: same === "1" };
}

export function useCompareUrl(): [CompareUrl, (change: Partial<CompareUrl>) => void] {
  const search = useSearch({ strict: false }) as SearchText;
  const navigate = useNavigate();
  const change = useCallback(
    (changed: Partial<CompareUrl>) =>
      void navigate({
        to: ".",
        search: ((current: SearchText) => {
          const { before, file, find, showsSame } = { ...urlOf(current), ...changed };
          return {
            tab: "compare",
            ...(before && { before }),
            ...(file && { file }),
            ...(find && { find }),
            ...(showsSame && { same: "1" }),
          };
        }) as never,
        replace: true,
      }),
    [navigate],
  );
  return [urlOf(search), change];
}
