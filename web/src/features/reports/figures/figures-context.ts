/** The state of its runs that a report shows, and the figures that are stored with its version. */

import { createContext, useContext, useMemo } from "react";
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
  /** The figures of a part, one for each of its projects, that are stored and that the reader may see. Stable. */
  figuresOf(part: string): readonly FigureInfo[];
  /** A part is stored, or could not be. Stable. */
  onStored(part: string, error: Error | null): void;
}

const NO_FIGURES: readonly FigureInfo[] = [];

export const FiguresContext = createContext<ReportFigures>({
  mode: "now",
  version: null,
  hasFigures: false,
  figuresOf: () => NO_FIGURES,
  onStored: () => undefined,
});

export function useFigures(): ReportFigures {
  return useContext(FiguresContext);
}

export function useFiguresOf(infos: readonly FigureInfo[]): ReportFigures["figuresOf"] {
  return useMemo(() => {
    const byPart = new Map<string, FigureInfo[]>();
    for (const info of infos) byPart.set(info.part, [...(byPart.get(info.part) ?? []), info]);
    return (part) => byPart.get(part) ?? NO_FIGURES;
  }, [infos]);
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
