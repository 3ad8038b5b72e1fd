/** The report that blocks are drawn in: its project, its page, its headings, the runs that it refers to. */

import { createContext, useContext } from "react";
import type { ProjectRef } from "@/api/types";
import type { OutlineEntry } from "@/data/report/outline";
import type { RunOf } from "./report-values";

export interface ReportFrame {
  readonly project: ProjectRef;
  /** The element that full screen covers; null before it is there. */
  readonly page: HTMLElement | null;
  readonly outline: readonly OutlineEntry[];
  /** By path, as it is now. */
  readonly runOf: RunOf;
  /** By path, as it was when the report was published; null where that is not stored. */
  readonly storedRunOf: RunOf;
}

export const ReportContext = createContext<ReportFrame | null>(null);

export function useReport(): ReportFrame {
  const report = useContext(ReportContext);
  if (!report) throw new Error("blocks need a report around them");
  return report;
}
