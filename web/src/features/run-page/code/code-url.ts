/**
 * The state of the Code tab, as the search part of its address.
 */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

/** The other side of the comparison: its own commit, or the run of an id; '' if there is none. */
export const COMMIT = "commit";

export interface CodeUrl {
  /** Without the folder of all code; '' is the script. */
  readonly file: string;
  readonly against: string;
  readonly isSplit: boolean;
}

type SearchText = Readonly<Record<string, string | undefined>>;

function urlOf({ file = "", against = "", columns }: SearchText): CodeUrl {
  return { file, against, isSplit: columns !== "1" };
}

function searchOf({ file, against, isSplit }: CodeUrl): Record<string, string> {
  return { ...(file && { file }), ...(against && { against }), ...(!isSplit && { columns: "1" }) };
}

export function useCodeUrl(): [CodeUrl, (change: Partial<CodeUrl>) => void] {
  const search = useSearch({ strict: false }) as SearchText;
  const navigate = useNavigate();
  const change = useCallback(
    (changed: Partial<CodeUrl>) =>
      void navigate({
        to: ".",
        search: ((before: SearchText) => searchOf({ ...urlOf(before), ...changed })) as never,
        replace: true,
      }),
    [navigate],
  );
  return [urlOf(search), change];
}
