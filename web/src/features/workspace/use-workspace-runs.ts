/**
 * The workspace's runs: listed, shown, and asked for.
 */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { groupsQuery } from "@/api/groups";
import { countQuery, rowsQuery } from "@/api/run-rows";
import { runQuery } from "@/api/runs";
import type { ProjectRef } from "@/api/types";
import { allOf } from "@/data/filter/tree";
import { askedIds, CHART_RUNS, type FirstOfList, GROUPED_RUNS, shownFilter } from "@/data/shown-runs";
import { groupId } from "@/data/view/view";
import type { PanelRun } from "@/panels/panel-props";
import { ownColor, useRunColors, useSpreadColors } from "@/ui/run-color";
import type { NamedRun } from "../runs/run-actions";
import { type Runs, useRuns } from "../runs/use-runs";
import { useView } from "../view/view-store";

const NO_COLUMNS: readonly string[] = [];
const NO_RUNS: readonly NamedRun[] = [];
/** Groups whose shown runs are counted. */
const COUNTED_GROUPS = 500;
const ALL = { filter: "", search: "", isRegex: false };
const RUNNING = { ...ALL, filter: "state = running" };

export interface WorkspaceRuns {
  readonly runs: Runs;
  /** Shown runs that panels draw, in the order of the list. */
  readonly drawn: readonly NamedRun[];
  /** All that are shown, also those that are not drawn. */
  readonly nShown: number;
  /** Shown runs of a group, where it is not all or none of them; null: as its eye says. */
  shownOf(values: readonly unknown[]): number | null;
  /** Of the whole project, whatever is listed; undefined: not known yet. */
  readonly nInProject: number | undefined;
  readonly nRunning: number;
}

/** The runs that the view lists, and those of them that it shows. */
export function useWorkspaceRuns(project: ProjectRef): WorkspaceRuns {
  const pinned = useView((view) => view.pinned);
  const selection = useView((view) => view.selection);
  const hiddenGroups = useView((view) => view.hiddenGroups);
  const shownGroups = useView((view) => view.shownGroups);
  const runs = useRuns(project, pinned);
  const { asked, groups, first } = runs;
  const isGrouped = asked.by.length > 0;
  const ofShown = useMemo(() => {
    const list: FirstOfList = isGrouped
      ? { by: asked.by, groups: groups.map(({ values }) => values) }
      : { by: [], ids: first.map(({ id }) => id) };
    return shownFilter({ selection, hiddenGroups, shownGroups }, list);
  }, [isGrouped, asked.by, groups, first, selection, hiddenGroups, shownGroups]);
  // of runs the panels take care, which know all that are shown
  useSpreadColors(useMemo(() => groups.map(({ values }) => groupId(values)), [groups]));
  const isKnown = runs.total > 0;
  const shown = useQuery({
    ...rowsQuery(
      project,
      { ...asked, filter: allOf(asked.filter, ofShown ?? ""), columns: NO_COLUMNS },
      null,
      0,
      isGrouped ? GROUPED_RUNS : CHART_RUNS,
    ),
    enabled: isKnown && ofShown !== null,
    placeholderData: keepPreviousData,
  });
  const isMixed =
    isGrouped && (selection.on.length + selection.off.length > 0 || asked.by.length > 1) && ofShown !== null;
  const inGroups = useQuery({
    ...groupsQuery(
      project,
      { ...asked, filter: allOf(asked.filter, ofShown ?? ""), aggregates: [], groupOrder: [] },
      [],
      COUNTED_GROUPS,
    ),
    enabled: isMixed,
    placeholderData: keepPreviousData,
  }).data;
  const shownInGroup = useMemo(
    () => new Map(inGroups?.groups.map(({ values, nRuns }) => [groupId(values), nRuns])),
    [inGroups],
  );
  const all = useQuery(countQuery(project, ALL));
  const running = useQuery(countQuery(project, RUNNING));
  const hasShown = isKnown && ofShown !== null;
  return {
    runs,
    drawn: hasShown ? (shown.data?.rows ?? NO_RUNS) : NO_RUNS,
    nShown: hasShown ? (shown.data?.total ?? 0) : 0,
    shownOf: (values) => (isMixed && inGroups ? (shownInGroup.get(groupId(values)) ?? null) : null),
    nInProject: all.data,
    nRunning: running.data ?? 0,
  };
}

/**
 * Runs as panels draw them; the same array as long as nothing that is drawn has changed.
 *
 * @param isExact hidden runs are not asked for: of groups the server's figures would count them
 */
export function usePanelRuns(
  runs: readonly NamedRun[],
  isExact = false,
): {
  panelRuns: readonly PanelRun[];
  asked: readonly string[];
} {
  const colorOf = useSpreadColors(useMemo(() => runs.map((run) => run.id), [runs]));
  const last = useRef<{ text: string; runs: readonly PanelRun[]; asked: readonly string[] }>({
    text: "",
    runs: [],
    asked: [],
  });
  return useMemo(() => {
    const panelRuns = runs.map((run) => ({
      id: run.id,
      name: run.name,
      color: colorOf(run.id),
      isLive: run.state === "running",
    }));
    const text = JSON.stringify(panelRuns);
    if (text !== last.current.text) {
      const asked = askedIds(
        isExact ? [] : last.current.asked,
        panelRuns.map((run) => run.id),
        CHART_RUNS,
      );
      last.current = { text, runs: panelRuns, asked };
    }
    return { panelRuns: last.current.runs, asked: last.current.asked };
  }, [runs, isExact, colorOf]);
}

/** The view's baseline as panels draw it; null: there is none, or it is not known yet. */
export function useBaseline(project: ProjectRef): PanelRun | null {
  const id = useView((view) => view.baseline);
  const run = useQuery({ ...runQuery(project, id ?? ""), enabled: id !== null }).data;
  const { chosen, spread } = useRunColors();
  const color = run ? (chosen[run.id] ?? ownColor(run.id, spread)) : 0;
  const { name, state } = run ?? {};
  return useMemo(
    () => (id && name !== undefined ? { id, name, color, isLive: state === "running" } : null),
    [id, name, color, state],
  );
}
