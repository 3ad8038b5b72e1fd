import { textParameter, useSearchState } from "../../search-state";

/** The other side of the comparison: its own commit, or the run of an id; '' if there is none. */
export const COMMIT = "commit";

export const CODE_URL = {
  /** Without the folder of all code; '' is the script. */
  file: textParameter("file"),
  against: textParameter("against"),
  isSplit: {
    name: "columns",
    read: (text: string) => text !== "1",
    write: (isSplit: boolean) => (isSplit ? "" : "1"),
  },
};

export const useCodeUrl = () => useSearchState(CODE_URL);
