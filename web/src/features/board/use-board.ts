/**
 * The board of a project, or of some runs: their metrics in the sections of the view.
 */

import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useMemo } from "react";
import { metricNamesQuery } from "@/api/metrics";
import type { ProjectRef } from "@/api/types";
import { homesOf, makeBoard } from "@/data/board/board";
import { matcherFor } from "@/data/text-match";
import { useView } from "../view/view-store";

const NO_NAMES = { numbers: [], histograms: [] };

/** With `runs` only what these have logged. */
export function useBoard(project: ProjectRef, runs: readonly string[] | null) {
  const query = useQuery(metricNamesQuery(project, runs));
  const { numbers, histograms } = query.data ?? NO_NAMES;
  // what begins with _ is not meant for people
  const homes = useMemo(
    () => homesOf([...numbers, ...histograms].filter((name) => !name.startsWith("_"))),
    [numbers, histograms],
  );
  const arrays = useMemo(() => new Set(histograms), [histograms]);
  const view = useView(({ sections, sectionOrder, panels, hiddenPanels }) => ({
    sections,
    sectionOrder,
    panels,
    hiddenPanels,
  }));
  const search = useDeferredValue(useView(({ panelSearch }) => panelSearch));
  const isRegex = useView(({ isPanelRegex }) => isPanelRegex);
  const test = useMemo(() => (search === "" ? null : matcherFor(search, isRegex).test), [search, isRegex]);
  const board = useMemo(() => makeBoard(homes, view, test, arrays), [homes, view, test, arrays]);
  return { query, board };
}
