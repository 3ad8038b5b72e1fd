/**
 * The workspace's runs: listed, shown, and asked for.
 */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { groupsQuery } from "@/api/groups";
import { countQuery } from "@/api/run-rows";
import { runQuery } from "@/api/runs";
import type { ProjectRef } from "@/api/types";
import type { ColoredRun } from "@/data/color";
import { allOf } from "@/data/filter/tree";
import { groupId } from "@/data/view/view";
import type { PanelRun } from "@/panels/panel-props";
import type { NamedRun } from "../runs/run-actions";
import { type Runs, useRuns } from "../runs/use-runs";
import { type ShownRuns, useShownRuns } from "../runs/use-shown-runs";
import { useView } from "../view/view-store";
import { useListedColumns } from "./pinned-columns";

/** Groups whose shown runs are counted. */
const COUNTED_GROUPS = 500;
const ALL = { filter: "", search: "", isRegex: false };
const RUNNING = { ...ALL, filter: "state = running" };

export interface WorkspaceRuns extends ShownRuns {
  readonly runs: Runs;
  /** Shown runs of a group, where it is not all or none of them; null: as its eye says. */
  shownOf(values: readonly unknown[]): number | null;
  /** Of the whole project, whatever is listed; undefined: not known yet. */
  readonly nInProject: number | undefined;
  readonly nRunning: number;
}

/** The runs that the view lists, and those of them that it shows. */
export function useWorkspaceRuns(project: ProjectRef): WorkspaceRuns {
  const columns = useListedColumns();
  const selection = useView((view) => view.selection);
  const runs = useRuns(project, columns);
  const shown = useShownRuns(project, runs);
  const { asked } = runs;
  const isGrouped = asked.by.length > 0;
  const isMixed =
    isGrouped &&
    (selection.on.length + selection.off.length > 0 || asked.by.length > 1) &&
    shown.filter !== null;
  const inGroups = useQuery({
    ...groupsQuery(
      project,
      { ...asked, filter: allOf(asked.filter, shown.filter ?? ""), aggregates: [], groupOrder: [] },
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
  return {
    runs,
    ...shown,
    shownOf: (values) => (isMixed && inGroups ? (shownInGroup.get(groupId(values)) ?? null) : null),
    nInProject: all.data,
    nRunning: running.data ?? 0,
  };
}

/**
 * Runs as panels draw them, and their ids to ask for; the same arrays as long as nothing that is drawn has changed.
 *
 * Hidden runs are never asked for: they would count in figures of groups, and one that is much longer than the
 * others makes their buckets wide.
 *
 * @param colorOf stable; without it each run has its own colour
 */
export function usePanelRuns<R extends NamedRun>(
  runs: readonly R[],
  colorOf: (run: R) => number = ownColor,
): {
  panelRuns: readonly PanelRun[];
  asked: readonly string[];
} {
  const last = useRef<{ text: string; runs: readonly PanelRun[]; asked: readonly string[] }>({
    text: "",
    runs: [],
    asked: [],
  });
  return useMemo(() => {
    const panelRuns = runs.map((run) => ({
      id: run.id,
      name: run.name,
      color: colorOf(run),
      isLive: run.state === "running",
    }));
    const text = JSON.stringify(panelRuns);
    if (text !== last.current.text) {
      // in an order of their own: another order of the list asks for nothing
      const asked = panelRuns.map((run) => run.id).sort();
      last.current = { text, runs: panelRuns, asked };
    }
    return { panelRuns: last.current.runs, asked: last.current.asked };
  }, [runs, colorOf]);
}

function ownColor({ color }: ColoredRun): number {
  return color;
}

/** The view's baseline as panels draw it; null: there is none, or it is not known yet. */
export function useBaseline(project: ProjectRef): PanelRun | null {
  const id = useView((view) => view.baseline);
  const run = useQuery({ ...runQuery(project, id ?? ""), enabled: id !== null }).data;
  const { name, state, color = 0 } = run ?? {};
  return useMemo(
    () => (id && name !== undefined ? { id, name, color, isLive: state === "running" } : null),
    [id, name, color, state],
  );
}
