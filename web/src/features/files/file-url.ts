/**
 * The shown file, as a part of the search part of the page's address.
 */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

export interface FileUrl {
  /** The path of the chosen file; '' before one is chosen. */
  readonly file: string;
  /** A text that paths have, and with which only these are listed. */
  readonly find: string;
}

type SearchText = Readonly<Record<string, string | undefined>>;

export function useFileUrl(): [FileUrl, (change: Partial<FileUrl>) => void] {
  const search = useSearch({ strict: false }) as SearchText;
  const navigate = useNavigate();
  const { file = "", find = "" } = search;
  const change = useCallback(
    (changed: Partial<FileUrl>) =>
      void navigate({
        to: ".",
        search: ((before: SearchText) => {
          const { file, find, ...others } = { ...before, ...changed };
          return { ...others, ...(file && { file }), ...(find && { find }) };
        }) as never,
        replace: true,
      }),
    [navigate],
  );
  return [{ file, find }, change];
}
