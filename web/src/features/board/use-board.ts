/** The board of a project, or of some runs: their metrics in the sections of the view. */

import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useEffect, useMemo, useState } from "react";
import { metricNamesQuery } from "@/api/metrics/metrics";
import type { MetricNames, ProjectRef } from "@/api/types";
import { type Arrivals, NO_ARRIVALS, noteArrivals } from "@/data/board/arrivals";
import {
  type CommonSections,
  commonSections,
  type Homes,
  homesOf,
  makeBoard,
  type SectionUse,
  sectionUse,
} from "@/data/board/board";
import { objectPanels } from "@/data/metrics/object-kinds";
import { matcherFor } from "@/data/text/text-match";
import { autoMetricOf, type Panel } from "@/data/view/panel";
import { drawnTitles } from "@/panels/frame/drawn-titles";
import { readStored, writeStored } from "@/ui/browser/stored";
import { useView } from "../view/view-store";

const NO_NAMES = { numbers: [], objects: [], kinds: [], chart_tables: [], hidden: [], system: [], steps: [] };
const NO_COUNTS: ReadonlyMap<string, number> = new Map();

/** Of more runs shown it is not asked which metrics they have: so many ids make an address too long. */
const FOLDED_RUNS = 500;
const NO_TITLES: ReadonlyMap<string, string> = new Map();

/**
 * With `runs` only what these have logged. With `shown`, ids of runs, panels of metrics that none of them has are
 * folded; `isSettled` as long as no newer answer says which are shown.
 */
export function useBoard(
  project: ProjectRef,
  runs: readonly string[] | null,
  shown: readonly string[] | null = null,
  isSettled = true,
) {
  const query = useQuery(metricNamesQuery(project, runs));
  const canFold = shown !== null && shown.length > 0 && shown.length <= FOLDED_RUNS;
  const ofShown = useQuery({ ...metricNamesQuery(project, shown), enabled: canFold });
  const {
    numbers,
    objects,
    kinds,
    chart_tables: chartTables,
    hidden,
    system,
    steps,
  } = query.data ?? NO_NAMES;
  const shownObjects = useMemo(() => objectPanels(objects, kinds), [objects, kinds]);
  const measured = useMemo(() => new Set(system), [system]);
  const unlisted = useMemo(() => new Set([...hidden, ...chartTables]), [hidden, chartTables]);
  const view = useBoardView();
  const search = useDeferredValue(useView(({ panelSearch }) => panelSearch));
  const isRegex = useView(({ isPanelRegex }) => isPanelRegex);
  const test = useMemo(() => (search === "" ? null : matcherFor(search, isRegex).test), [search, isRegex]);
  // hidden metrics and tables of charts have panels where they are searched for; what begins with _ is not meant
  // for people
  const matcher = unlisted.size > 0 ? test : null;
  const isKnown = query.data !== undefined;
  const homes = useMemo(() => {
    if (!isKnown) return null;
    const shown = [...numbers, ...shownObjects.keys()].filter(
      (name) => !name.startsWith("_") && (!unlisted.has(name) || matcher?.(name)),
    );
    return homesOf(shown, measured, shownObjects);
  }, [isKnown, numbers, shownObjects, measured, unlisted, matcher]);
  const counts = useFirstCounts(query.data);
  const edited = useView((view) => view.edited);
  const shownNames = useMemo(
    () => (canFold && ofShown.data ? new Set([...ofShown.data.numbers, ...ofShown.data.objects]) : null),
    [canFold, ofShown.data],
  );
  const isNewest = isSettled && !query.isPlaceholderData && (!canFold || !ofShown.isPlaceholderData);
  const isListed = shown === null || shownNames !== null || shown.length > FOLDED_RUNS;
  const { names: withData, arrivals } = useHeldBoard(
    { homes, names: shownNames, shown },
    isNewest && isListed && test === null,
  );
  const hasData = useMemo(() => {
    if (!shownNames) return null;
    const open = edited === null ? null : autoMetricOf(edited);
    return (metric: string) => shownNames.has(metric) || withData?.has(metric) === true || metric === open;
  }, [shownNames, withData, edited]);
  const use = useMemo(() => (homes ? sectionUse(homes, counts) : undefined), [homes, counts]);
  const common = useCommonSections(project, runs === null ? use : undefined);
  const stepNames = useMemo(() => new Set(steps), [steps]);
  const scatterTitles = useScatterTitles(project, view.panels, test !== null);
  const board = useMemo(
    () =>
      makeBoard(homes, view, test, {
        objects: shownObjects,
        use,
        common,
        steps: stepNames,
        hasData,
        arrivals,
        titles: new Map([...scatterTitles, ...drawnTitles()]),
      }),
    [homes, view, test, shownObjects, use, common, stepNames, hasData, arrivals, scatterTitles],
  );
  return { board, isPending: query.isPending || (canFold && ofShown.isPending) };
}

/** Titles of scatter panels that a search may look for and that were not drawn yet. */
function useScatterTitles(
  project: ProjectRef,
  panels: Readonly<Record<string, Panel>>,
  isOn: boolean,
): ReadonlyMap<string, string> {
  const scatters = useMemo(
    () => Object.values(panels).filter(({ kind, keys }) => kind === "scatter" && keys.length > 0),
    [panels],
  );
  const { data } = useQuery({
    queryKey: ["scatter titles", project.entity, project.project, scatters],
    queryFn: async ({ client }) =>
      (await import("@/panels/scatter/scatter-titles")).loadScatterTitles(client, project, scatters),
    enabled: isOn && scatters.length > 0,
    structuralSharing: false,
  });
  return data ?? NO_TITLES;
}

/** The part of the view that a board is made of. */
export function useBoardView() {
  return useView(({ sections, sectionOrder, panels, hiddenPanels }) => ({
    sections,
    sectionOrder,
    panels,
    hiddenPanels,
  }));
}

interface BoardAnswer {
  readonly homes: Homes | null;
  /** Metrics of the runs shown; null: not known, and no panel is folded. */
  readonly names: ReadonlySet<string> | null;
  readonly shown: readonly string[] | null;
}

interface HeldBoard {
  readonly answer: BoardAnswer;
  /** Metrics whose panels are not folded; null: all of them. */
  readonly names: ReadonlySet<string> | null;
  /** The choice of shown runs at their last change, as text. */
  readonly choice: string;
  readonly arrivals: Arrivals;
}

const NO_BOARD: HeldBoard = {
  answer: { homes: null, names: null, shown: null },
  names: null,
  choice: "",
  arrivals: NO_ARRIVALS,
};

/**
 * What the page has shown until now, so that a run that begins moves no panel: new ones come after those that are
 * there, and none is folded because a newer run took the place of the one that has its metric.
 *
 * @param isNewest no newer answer is on its way
 */
function useHeldBoard(answer: BoardAnswer, isNewest: boolean): HeldBoard {
  const choice = useView((view) =>
    JSON.stringify([
      view.selection,
      view.hiddenGroups,
      view.shownGroups,
      view.baseline,
      [view.filter, view.passingFilter, view.runSearch, view.isRunRegex],
      [view.groupBy, view.order],
    ]),
  );
  const [held, setHeld] = useState(NO_BOARD);
  const { homes, names, shown } = answer;
  const before = held.answer;
  const isNew = homes !== before.homes || names !== before.names || shown !== before.shown;
  if (isNewest && homes && isNew) {
    const areOthers = shown?.join() !== before.shown?.join();
    const isChosen = areOthers && choice !== held.choice;
    const all = names && held.names && !isChosen ? new Set([...held.names, ...names]) : names;
    const isFolded = (metric: string) => all?.has(metric) === false;
    const wasFolded = (metric: string) => held.names?.has(metric) === false;
    const arrivals = noteArrivals(held.arrivals, homes, isFolded, wasFolded, isChosen);
    setHeld({ answer, names: all, choice: areOthers ? choice : held.choice, arrivals });
  }
  return held;
}

/** More sections than this are not stored. */
const MOST_STORED = 500;

/** The ranks of a project's sections, which this browser keeps: see `commonSections`. */
function useCommonSections(project: ProjectRef, use: SectionUse | undefined): CommonSections | undefined {
  const name = `sections-${project.entity}/${project.project}`;
  const common = useMemo(() => use && commonSections(use, readRanks(name)), [use, name]);
  useEffect(() => {
    if (common && common.size <= MOST_STORED)
      writeStored(name, JSON.stringify([...common].filter(([section]) => use?.get(section))));
  }, [common, use, name]);
  return common;
}

function readRanks(name: string): CommonSections {
  try {
    return new Map(JSON.parse(readStored(name) ?? "[]") as [string, boolean][]);
  } catch {
    return new Map();
  }
}

/** Number of runs with each metric when the page was opened: sections must not move while runs log. */
function useFirstCounts(names: MetricNames | undefined): ReadonlyMap<string, number> {
  const [first, setFirst] = useState<MetricNames | null>(null);
  if (names && !first) setFirst(names);
  return useMemo(() => {
    if (!first) return NO_COUNTS;
    const { numbers, objects, n_runs: nRuns } = first;
    return new Map([...numbers, ...objects].map((name, i) => [name, nRuns[i] ?? 0]));
  }, [first]);
}
