/** The address of a sweep's page: brushes, the two parameters of the contour plot, and the metric. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Brushes } from "@/charts/parallel/parallel-layout";
import { brushesFrom } from "@/panels/parallel/options";
import { useStable } from "@/ui/hooks/use-stable";

export interface SweepSearch {
  /** Brushes as JSON. */
  readonly brush?: string;
  /** Parameters of the contour plot. */
  readonly x?: string;
  readonly y?: string;
  /** The metric that slices, the contour plot and the importance are about. */
  readonly metric?: string;
}

export function useSweepSearch() {
  const search: SweepSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const setSearch = useStable((part: SweepSearch) => {
    const next = Object.entries({ ...search, ...part }).filter(([, value]) => value !== undefined);
    void navigate({ to: ".", search: Object.fromEntries(next) as never, replace: true });
  });
  const brushes = useMemo(() => brushesOf(search.brush), [search.brush]);
  return { search, brushes, setSearch };
}

/** Text that is not a JSON object stands for no brushes. */
function brushesOf(text: string | undefined): Brushes {
  try {
    return brushesFrom(JSON.parse(text ?? "{}"));
  } catch {
    return {};
  }
}
