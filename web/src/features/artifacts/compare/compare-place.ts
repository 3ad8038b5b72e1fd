/**
 * What a comparison shows, as a part of the search part of the page's address.
 */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

export interface ComparePlace {
  /** The version that is compared with; '' is the one before. */
  readonly before: string;
  /** The path of the chosen file; '' is the metadata. */
  readonly file: string;
  readonly find: string;
  /** Files that are the same are listed, too. */
  readonly showsSame: boolean;
}

type SearchText = Readonly<Record<string, string | undefined>>;

function placeOf({ before = "", file = "", find = "", same }: SearchText): ComparePlace {
  return { before, file, find, showsSame: same === "1" };
}

export function useComparePlace(): [ComparePlace, (change: Partial<ComparePlace>) => void] {
  const search = useSearch({ strict: false }) as SearchText;
  const navigate = useNavigate();
  const change = useCallback(
    (changed: Partial<ComparePlace>) =>
      void navigate({
        to: ".",
        search: ((known: SearchText) => {
          const { before, file, find, showsSame } = { ...placeOf(known), ...changed };
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
  return [placeOf(search), change];
}
