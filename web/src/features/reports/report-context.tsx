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
  /** Levels of the headings of panels, by grid. */
  readonly panelLevels: ReadonlyMap<string, number>;
  /** By path, as it is now. */
  readonly runOf: RunOf;
  /** By path, as it was when the report was published; null where that is not stored. */
  readonly storedRunOf: RunOf;
  /** The reader has a link, and no account: all that is shown is stored, or read by the link. */
  readonly isShared?: boolean;
  /** End of the link by which the runs of its run sets are read as they are now; null: it shows none. */
  readonly linkOfRuns?: string | null;
  /** End of the link by which pages of the runs are read; null: it shows none. */
  readonly linkOfPages?: string | null;
  /** The report is a file of its own: no server is there, and no other page of weft. */
  readonly isStatic?: boolean;
  /** The address of an image of the report by its hash; null: it is not there. */
  imageOf(sha256: string): string | null;
  /** Of a file: addresses that hold an image, by the hashes and addresses of the report. */
  readonly images?: Readonly<Record<string, string>>;
}

export const ReportContext = createContext<ReportFrame | null>(null);

export function useReport(): ReportFrame {
  const report = useContext(ReportContext);
  if (!report) throw new Error("blocks need a report around them");
  return report;
}
