import { textParameter, useSearchState } from "../search-state";

const FILE_URL = {
  /** The path of the chosen file; '' before one is chosen. */
  file: textParameter("file"),
  /** A text that paths have, and with which only these are listed. */
  find: textParameter("find"),
};

export const useFileUrl = () => useSearchState(FILE_URL);
