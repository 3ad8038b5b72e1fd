/** The state of its runs that a report shows, and the figures that are stored with its version. */

import { createContext, useContext } from "react";
import type { FigureInfo, ReportVersion } from "@/api/reports/figures";

/**
 * `published`: what is stored, and what is not stored as it is now. `now`: the runs as they are. `store`: as now, and
 * the answers are stored.
 */
export type FigureMode = "published" | "now" | "store";

/** Those that readers switch between. */
export const FIGURE_MODES = [
  { value: "published", label: "As published" },
  { value: "now", label: "Now" },
] as const;

export interface ReportFigures {
  readonly mode: FigureMode;
  /** Null: a draft. */
  readonly version: ReportVersion | null;
  /** Some part of the version is stored. */
  readonly hasFigures: boolean;
  /** The figures of a part that are stored, and that the reader may see. */
  figureOf(part: string): FigureInfo | null;
  /** A part is stored, or could not be. Stable. */
  onStored(part: string, error: Error | null): void;
}

export const FiguresContext = createContext<ReportFigures>({
  mode: "now",
  version: null,
  hasFigures: false,
  figureOf: () => null,
  onStored: () => undefined,
});

export function useFigures(): ReportFigures {
  return useContext(FiguresContext);
}

/** The part of a version with the values of one project's runs. */
export function valuesPart({
  entity,
  project,
}: {
  readonly entity: string;
  readonly project: string;
}): string {
  return `values:${entity}/${project}`;
}
