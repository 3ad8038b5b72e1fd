import { textParameter, useSearchState } from "../../search-state";

/** Value of `against` for the run's own commit; otherwise it is the id of a run, or ''. */
export const COMMIT = "commit";

export const CODE_URL = {
  /** The file's path below `code/`; '' for the script. */
  file: textParameter("file"),
  against: textParameter("against"),
  isSplit: {
    name: "columns",
    read: (text: string) => text !== "1",
    write: (isSplit: boolean) => (isSplit ? "" : "1"),
  },
};

export const useCodeUrl = () => useSearchState(CODE_URL);
