/**
 * The workspace's runs: listed, shown, and asked for.
 */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { runsQuery } from "@/api/runs";
import type { ProjectRef, Run } from "@/api/types";
import { spreadColors } from "@/data/color";
import type { PanelRun } from "@/panels/line-panel";
import { ownColor, useRunColors } from "@/ui/run-color";
import { askedIds, CHART_RUNS, shownIds } from "./shown-runs";
import { useView } from "./view-store";

const TYPING_MILLIS = 150;

/** The search as typed a moment ago. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), text === "" ? 0 : TYPING_MILLIS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

/** The runs that the search lists, newest first, and which of them are shown. */
export function useListedRuns(ref: ProjectRef) {
  const search = useSettled(useView((view) => view.runSearch));
  const regex = useView((view) => view.isRunRegex);
  const selection = useView((view) => view.selection);
  const query = useInfiniteQuery(runsQuery(ref, { search, regex }));
  const runs = useMemo(() => query.data?.pages.flatMap((page) => page.runs) ?? [], [query.data]);
  const total = query.data?.pages[0]?.total ?? 0;
  const shown = useMemo(
    () =>
      shownIds(
        runs.map((run) => run.id),
        selection,
      ),
    [runs, selection],
  );
  return { query, runs, total, shown };
}

/** Runs as panels draw them; the same array as long as nothing that is drawn has changed. */
export function usePanelRuns(runs: readonly Run[]): {
  panelRuns: readonly PanelRun[];
  asked: readonly string[];
} {
  const { chosen, spread, keep } = useRunColors();
  const fresh = useMemo(
    () =>
      spreadColors(
        runs.map((run) => run.id),
        { ...spread, ...chosen },
      ),
    [runs, chosen, spread],
  );
  // before the first paint: no run changes its colour under one's eyes
  useLayoutEffect(() => {
    if (Object.keys(fresh).length > 0) keep(fresh);
  }, [fresh, keep]);
  const last = useRef<{ text: string; runs: readonly PanelRun[]; asked: readonly string[] }>({
    text: "",
    runs: [],
    asked: [],
  });
  return useMemo(() => {
    const panelRuns = runs.slice(0, CHART_RUNS).map((run) => ({
      id: run.id,
      name: run.name,
      color: chosen[run.id] ?? fresh[run.id] ?? ownColor(run.id, spread),
      isLive: run.state === "running",
    }));
    const text = JSON.stringify(panelRuns);
    if (text !== last.current.text) {
      const asked = askedIds(
        last.current.asked,
        panelRuns.map((run) => run.id),
      );
      last.current = { text, runs: panelRuns, asked };
    }
    return { panelRuns: last.current.runs, asked: last.current.asked };
  }, [runs, chosen, spread, fresh]);
}
