/**
 * The panels of a workspace, section by section: one for each metric, and those that a person made.
 *
 * Pure. Of 100,000 metrics only those of the sections in sight are put in order: `BoardSection.ids` is worked
 * out when it is first asked.
 */

import { isCounter } from "../metrics/likelihood";
import { largeSections, MEDIA_SECTION, PLAIN_SECTION, SYSTEM_SECTION, sectionOf } from "../metrics/sections";
import { inNaturalOrder, naturalIndex } from "../text/natural-order";
import {
  autoHomeOf,
  autoMetricOf,
  autoPanelId,
  isOfMediaSection,
  type ObjectPanel,
  type Panel,
} from "../view/panel";
import { panelNames } from "../view/panel-names";
import { type SectionView, sectionView, type View } from "../view/view";
import { type Arrivals, NO_ARRIVALS } from "./arrivals";

/** Names of metrics by the section that they belong to by themselves. */
export type Homes = ReadonlyMap<string, readonly string[]>;

const NO_HOMES: Homes = new Map();
const NO_OBJECTS: Objects = new Map();
const NO_USE: SectionUse = new Map();
/** A section of one run's metrics that has more is closed at first. */
const FEW_METRICS = 12;

/** Metrics without numbers, and the kind of panel that each has. */
type Objects = ReadonlyMap<string, ObjectPanel>;

/** By section: how many runs have the one of its metrics that most have. */
export type SectionUse = ReadonlyMap<string, number>;

/** By section: whether it ranks among those that many runs have. */
export type CommonSections = ReadonlyMap<string, boolean>;

/** Facts about metrics, in addition to their names. */
export interface MetricFacts {
  /** Metrics that are no numbers. */
  readonly objects?: Objects;
  /** Tells sections of one run. */
  readonly use?: SectionUse;
  /** Orders the sections; one that is not in it counts as common. */
  readonly common?: CommonSections;
  /** Metrics that are x axes: their panels are folded. */
  readonly steps?: ReadonlySet<string>;
  /** Whether a run that is shown has a metric; null: not known. */
  readonly hasData?: ((metric: string) => boolean) | null;
  /** Puts later sections and panels after those that are there. */
  readonly arrivals?: Arrivals;
  /** Titles of panels that their data make, by panel, as far as they were drawn. */
  readonly titles?: ReadonlyMap<string, string>;
}

/** The part of a view that says where panels are. */
export type BoardView = Pick<View, "sections" | "sectionOrder" | "panels" | "hiddenPanels">;

export interface PanelSize {
  readonly span: number | null;
  readonly height: number | null;
}

export interface BoardSection {
  readonly name: string;
  readonly title: string;
  readonly view: SectionView;
  /** Number of its panels, without folded ones. */
  readonly n: number;
  /** It came while the page was open. */
  readonly isLate: boolean;
  /** Number of those of its panels that came after it. */
  readonly nLate: number;
  /** Automatic panels that it folds: of metrics that none of the runs shown has, and of step metrics. */
  readonly nFoldable: number;
  /** Number of those of step metrics. */
  readonly nSteps: number;
  readonly nFolded: number;
  /** The metrics of those that it folds, in order. */
  foldable(): readonly string[];
  /** It has many metrics, and each of them only one of several runs. */
  readonly isOfOneRun: boolean;
  /** A person has to open it: it has metrics of one run, very many metrics, or those of machines. */
  readonly isClosedFirst: boolean;
  /** Its panels in order. */
  ids(): readonly string[];
  /** Sizes of its panels in order; null: none has a size of its own. */
  sizes(): readonly PanelSize[] | null;
}

/** The number of its panels as its pages count them: folded ones count where there are no others. */
export function listedCount({ n, nFolded }: Pick<BoardSection, "n" | "nFolded">): number {
  return n > 0 ? n : nFolded;
}

export interface Board {
  /** In order; without hidden ones. */
  readonly sections: readonly BoardSection[];
  readonly hidden: readonly BoardSection[];
  /** All there are in order: hidden ones, and those in which a search finds nothing. */
  readonly all: readonly BoardSection[];
  /** Its metrics are known, and so which sections there are. */
  readonly isKnown: boolean;
  readonly isSearch: boolean;
  /** There is no panel at all, not even a hidden one. */
  readonly isBare: boolean;
  readonly arrivals: Arrivals;
}

/** @param measured which of the metrics were measured of machines; null: as their names say */
export function homesOf(
  names: Iterable<string>,
  measured: ReadonlySet<string> | null = null,
  objects = NO_OBJECTS,
): Homes {
  const homes = new Map<string, string[]>();
  for (const name of names) {
    const isMedia = isOfMediaSection(objects.get(name));
    const section = isMedia ? MEDIA_SECTION : sectionOf(name, measured !== null && !measured.has(name));
    const list = homes.get(section);
    if (list) list.push(name);
    else homes.set(section, [name]);
  }
  return homes;
}

/** @param nRuns how many runs have each metric; one that is not in it counts as used by none */
export function sectionUse(homes: Homes, nRuns: ReadonlyMap<string, number>): SectionUse {
  return new Map(
    Array.from(homes, ([section, names]) => [
      section,
      names.reduce((most, name) => Math.max(most, nRuns.get(name) ?? 0), 0),
    ]),
  );
}

/**
 * The sections that many runs have: at least half of the runs that have the most used one.
 *
 * One that ranked before changes its rank by a large gap only, so that no run that has just begun moves a section:
 * it falls below a quarter, or rises above three quarters.
 */
export function commonSections(use: SectionUse, earlier: CommonSections = NO_RANKS): CommonSections {
  const most = Math.max(0, ...[...use].map(([name, n]) => (name === SYSTEM_SECTION ? 0 : n)));
  return new Map(
    Array.from(use, ([name, n]) => {
      const was = earlier.get(name);
      const share = was === undefined ? 1 / 2 : was ? 1 / 4 : 3 / 4;
      return [name, n >= most * share];
    }),
  );
}

/**
 * The board of some metrics, null: they are not known yet; with `test` only the panels whose names it takes, and of sections those with any.
 */
export function makeBoard(
  loadedHomes: Homes | null,
  view: BoardView,
  test: ((name: string) => boolean) | null,
  facts: MetricFacts = {},
): Board {
  const { objects = NO_OBJECTS, use = NO_USE, common = NO_RANKS, steps = NO_STEPS, hasData = null } = facts;
  const { arrivals = NO_ARRIVALS, titles = NO_TITLES } = facts;
  const homes = loadedHomes ?? NO_HOMES;
  const { away, extra, sized, changed } = readPanels(homes, view);
  const names = new Set([...homes.keys(), ...extra.keys()]);
  for (const [name, section] of Object.entries(view.sections)) if (section.isMade) names.add(name);
  const hasSeveralRuns = [...use].some(([name, n]) => name !== SYSTEM_SECTION && n > 1);
  const arrivalOf = (name: string) => arrivals.sections.get(name)?.at ?? 0;
  const sizeOf = (name: string) => arrivals.sections.get(name)?.n ?? homes.get(name)?.length ?? 0;
  const large = largeOf(homes, arrivals, arrivalOf, sizeOf);
  const isOfSteps = (name: string) =>
    homes.get(name)?.every((key) => steps.has(key) || isCounter(key)) ?? false;
  const groupOf = (name: string) => {
    if (name === SYSTEM_SECTION) return AFTER_ALL;
    if (isOfSteps(name)) return AFTER_ALL - 1;
    if (arrivalOf(name) > 0) return 3 + arrivalOf(name);
    return (common.get(name) === false ? 2 : 0) + (large.has(name) ? 1 : 0);
  };
  const ofObjects = new Set(
    [...homes].filter(([, home]) => home.every((key) => objects.has(key))).map(([name]) => name),
  );
  const all = sectionsInOrder(names, view.sectionOrder, groupOf, ofObjects).map((name) => {
    const gone = away.get(name);
    const placed = new Set(view.sections[name]?.order);
    const parts = {
      name,
      // what was searched for, changed or put somewhere by hand is never folded
      isFoldable:
        (hasData || steps.size > 0) && !test
          ? (metric: string) =>
              (hasData?.(metric) === false || steps.has(metric)) &&
              !changed.has(metric) &&
              !placed.has(autoPanelId(metric, name, objects.get(metric)))
          : null,
      home: homes.get(name) ?? NO_NAMES,
      keep: test || gone ? (key: string) => !gone?.has(key) && (test?.(key) ?? true) : null,
      panels: (extra.get(name) ?? []).filter((panel) => !test || namesOf(panel, titles).some(test)),
      sized: sized.get(name) ?? NO_PANELS,
      objects,
      steps,
      isLarge: large.has(name),
      isOfOneRun:
        name !== SYSTEM_SECTION && hasSeveralRuns && use.get(name) === 1 && sizeOf(name) > FEW_METRICS,
      arrivals,
    };
    return makeSection(sectionView(view, name), parts);
  });
  const matching = test ? all.filter((section) => section.n > 0) : all;
  return {
    // what was searched for is found in hidden sections, too
    sections: test ? matching : matching.filter((section) => !section.view.isHidden),
    hidden: all.filter((section) => section.view.isHidden),
    all,
    isKnown: loadedHomes !== null,
    isSearch: test !== null,
    isBare: names.size === 0,
    arrivals,
  };
}

/** The sections with very many metrics, as they were when each came: one in view neither moves nor closes. */
function largeOf(
  homes: Homes,
  arrivals: Arrivals,
  arrivalOf: (name: string) => number,
  sizeOf: (name: string) => number,
): ReadonlySet<string> {
  const large = new Set<string>();
  for (const arrival of new Set(Array.from(homes.keys(), arrivalOf))) {
    const names = [...homes.keys()].filter((name) => arrivalOf(name) === arrival);
    const sections = names.map((name) => {
      const home = homes.get(name)!;
      const isOfThen = (metric: string) => (arrivals.metrics.get(metric) ?? 0) <= arrival;
      const first = {
        n: sizeOf(name),
        names: () => (home.length > sizeOf(name) ? home.filter(isOfThen) : home),
      };
      return [name, first] as const;
    });
    for (const name of largeSections(new Map(sections))) large.add(name);
  }
  return large;
}

/** A group of sections after any that comes later. */
const AFTER_ALL = Number.MAX_SAFE_INTEGER;
const NO_NAMES: readonly string[] = [];
const NO_TITLES: ReadonlyMap<string, string> = new Map();
const NO_STEPS: ReadonlySet<string> = new Set();
const NO_RANKS: CommonSections = new Map();
const NO_PANELS: ReadonlyMap<string, Panel> = new Map();

/** By section: metrics whose panel is hidden or elsewhere, panels besides the metrics' own, and those with a size. */
function readPanels(homes: Homes, view: BoardView) {
  const away = new Map<string, Set<string>>();
  const extra = new Map<string, Panel[]>();
  const sized = new Map<string, Map<string, Panel>>();
  const changed = new Set<string>();
  const hidden = new Set(view.hiddenPanels);
  const putAway = (metric: string, home: string) => {
    const set = away.get(home);
    if (set) set.add(metric);
    else away.set(home, new Set([metric]));
  };
  for (const id of hidden) {
    const metric = autoMetricOf(id);
    if (metric !== null) putAway(metric, autoHomeOf(id) ?? "");
  }
  for (const panel of Object.values(view.panels)) {
    if (hidden.has(panel.id)) continue;
    const metric = autoMetricOf(panel.id);
    const home = autoHomeOf(panel.id);
    if (metric !== null && home !== null) {
      if (!homes.get(home)?.includes(metric)) continue;
      changed.add(metric);
      if (panel.section !== home) putAway(metric, home);
    }
    if (panel.section !== home) {
      const list = extra.get(panel.section);
      if (list) list.push(panel);
      else extra.set(panel.section, [panel]);
    }
    if (panel.span !== null || panel.height !== null) {
      const map = sized.get(panel.section) ?? new Map<string, Panel>();
      sized.set(panel.section, map.set(panel.id, panel));
    }
  }
  return { away, extra, sized, changed };
}

/** Name of a panel in lists and menus. */
export function panelTitle(panel: Panel): string {
  return panelNames(panel).whole;
}

/** All that a search may find a panel by. */
export function namesOf(panel: Panel, titles: ReadonlyMap<string, string> = NO_TITLES): string[] {
  const { title, keys, pattern, expressions } = panel;
  return [
    title ?? titles.get(panel.id) ?? panel.kind,
    panelTitle(panel),
    ...keys,
    ...(pattern === null ? [] : [pattern]),
    ...expressions.flatMap(({ name, text }) => [name, text]),
  ];
}

interface SectionParts {
  readonly name: string;
  /** Metrics that belong to it by themselves. */
  readonly home: readonly string[];
  /** Test of the metrics it shows; null: all. */
  readonly keep: ((metric: string) => boolean) | null;
  /** Whether a metric's own panel is folded as long as such ones are; null: none is. */
  readonly isFoldable: ((metric: string) => boolean) | null;
  /** The other panels in it. */
  readonly panels: readonly Panel[];
  /** Its panels with a size of their own. */
  readonly sized: ReadonlyMap<string, Panel>;
  readonly objects: Objects;
  readonly steps: ReadonlySet<string>;
  readonly isLarge: boolean;
  readonly isOfOneRun: boolean;
  readonly arrivals: Arrivals;
}

function makeSection(view: SectionView, all: SectionParts): BoardSection {
  const { name, home, panels, sized, isFoldable, steps, arrivals } = all;
  const own = all.keep ? home.filter(all.keep) : home;
  const foldable = isFoldable ? own.filter(isFoldable) : NO_NAMES;
  const isFolded = foldable.length > 0 && !view.areEmptyShown;
  const folded = new Set(isFolded ? foldable : NO_NAMES);
  const parts = isFolded
    ? { ...all, keep: (key: string) => !folded.has(key) && (all.keep?.(key) ?? true) }
    : all;
  const arrival = arrivals.sections.get(name)?.at ?? 0;
  const isLate = (metric: string) => (arrivals.metrics.get(metric) ?? 0) > arrival;
  let ids: readonly string[] | null = null;
  let sizes: readonly PanelSize[] | null | undefined;
  return {
    name,
    title: view.title ?? name,
    view,
    n: own.length - folded.size + panels.length,
    isLate: arrival > 0,
    nLate: arrivals.last > arrival ? own.filter((metric) => isLate(metric) && !folded.has(metric)).length : 0,
    nFoldable: foldable.length,
    nSteps: steps.size > 0 ? foldable.filter((key) => steps.has(key)).length : 0,
    nFolded: folded.size,
    foldable: () => inNaturalOrder(foldable),
    isOfOneRun: parts.isOfOneRun,
    isClosedFirst: name === SYSTEM_SECTION || parts.isLarge || parts.isOfOneRun,
    ids() {
      ids ??= orderedIds(parts, view.order);
      return ids;
    },
    sizes() {
      if (sizes === undefined)
        sizes = sized.size === 0 ? null : this.ids().map((id) => sized.get(id) ?? ANY_SIZE);
      return sizes;
    },
  };
}

const ANY_SIZE: PanelSize = { span: null, height: null };

const sortedHomes = new WeakMap<readonly string[], readonly string[]>();

/** The metrics of a section in order; of one list sorted once. */
function sorted(home: readonly string[]): readonly string[] {
  let names = sortedHomes.get(home);
  if (!names) {
    names = inNaturalOrder(home);
    sortedHomes.set(home, names);
  }
  return names;
}

function orderedIds(
  { name: section, home, keep, panels, objects, arrivals }: SectionParts,
  order: readonly string[],
): readonly string[] {
  const all = keep ? sorted(home).filter(keep) : sorted(home);
  const arrivalOf = (metric: string) => arrivals.metrics.get(metric) ?? 0;
  const first = arrivals.sections.get(section)?.at ?? 0;
  const late = arrivals.last > first ? all.filter((metric) => arrivalOf(metric) > first) : NO_NAMES;
  const shown = late.length > 0 ? all.filter((metric) => arrivalOf(metric) <= first) : all;
  const idOf = (name: string) => autoPanelId(name, section, objects.get(name));
  const names = shown.filter((name) => !isCounter(name));
  const ids = names.map(idOf);
  for (const panel of panels) {
    const title = panelTitle(panel);
    const index = naturalIndex(names, title);
    names.splice(index, 0, title);
    ids.splice(index, 0, panel.id);
  }
  ids.push(...shown.filter(isCounter).map(idOf));
  ids.push(...late.toSorted((a, b) => arrivalOf(a) - arrivalOf(b)).map(idOf));
  if (order.length === 0) return ids;
  const existing = new Set(ids);
  const moved = order.filter((id) => existing.has(id));
  const movedIds = new Set(moved);
  return [...moved, ...ids.filter((id) => !movedIds.has(id))];
}

/**
 * Moved ones as they were put, then the others: those that many runs have, each after its like the ones with very many
 * metrics, those that came later, those of step metrics and counters alone, and `system`; of a group `charts`, the others by name, those of objects alone,
 * such as histograms, and `media`.
 */
function sectionsInOrder(
  names: ReadonlySet<string>,
  order: readonly string[],
  groupOf: (name: string) => number,
  ofObjects: ReadonlySet<string>,
): string[] {
  const first = order.filter((name) => names.has(name));
  const firstNames = new Set(first);
  const others = inNaturalOrder([...names].filter((name) => !firstNames.has(name)));
  const rank = (name: string) =>
    name === MEDIA_SECTION ? 3 : ofObjects.has(name) ? 2 : name === PLAIN_SECTION ? 0 : 1;
  return [...first, ...others.sort((a, b) => groupOf(a) - groupOf(b) || rank(a) - rank(b))];
}
