import { switchParameter, textParameter, useSearchState } from "../../search-state";

const COMPARE_URL = {
  /** The version that is compared with; '' is the one before. */
  before: textParameter("before"),
  /** The path of the chosen file; '' is the metadata. */
  file: textParameter("file"),
  find: textParameter("find"),
  /** Files that are the same are listed, too. */
  showsSame: switchParameter("same"),
};

export const useCompareUrl = () => useSearchState(COMPARE_URL);
