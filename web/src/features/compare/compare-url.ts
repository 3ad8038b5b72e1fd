/** The state of the compare page, as the search part of its address; the charts have parts of their own. */

import { usePhone } from "@/ui/hooks/use-phone";
import { switchParameter, textParameter, useSearchState } from "../search-state";

export const COMPARE_URL = {
  /** The first is the one that others are compared with. */
  ids: {
    name: "ids",
    read: (text: string): readonly string[] => [...new Set(text.split(",").filter((id) => id !== ""))],
    write: (ids: readonly string[]) => ids.join(","),
  },
  find: textParameter("find"),
  /** Rows that are equal in all runs are shown, too. */
  hasEqual: switchParameter("equal"),
  hasCharts: switchParameter("charts", true),
};

/** A phone has room for the differences or the charts. */
const PHONE_COMPARE_URL = { ...COMPARE_URL, hasCharts: switchParameter("charts") };

export const useCompareUrl = () => useSearchState(usePhone() ? PHONE_COMPARE_URL : COMPARE_URL);
