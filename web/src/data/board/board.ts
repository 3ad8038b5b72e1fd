/**
 * Which panels a workspace has, section by section: one for each metric, and what a person made of them.
 *
 * Pure. Of 100,000 metrics only those of the sections in sight are put in order: `BoardSection.ids` is worked
 * out when it is first asked.
 */

import { inNaturalOrder, naturalPlace } from "../natural-order";
import { PLAIN_SECTION, SYSTEM_SECTION, sectionOf } from "../sections";
import { autoMetricOf, autoPanelId, type Panel } from "../view/panel";
import { panelNames } from "../view/panel-names";
import { type SectionView, sectionView, type View } from "../view/view";

/** Names of metrics by the section that they belong to by themselves. */
export type Homes = ReadonlyMap<string, readonly string[]>;

const NO_METRICS: ReadonlySet<string> = new Set();

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
  /** How many panels it has. */
  readonly n: number;
  /** Its panels in order. */
  ids(): readonly string[];
  /** Sizes of its panels in order; null: none has a size of its own. */
  sizes(): readonly PanelSize[] | null;
}

export interface Board {
  /** In order; without hidden ones. */
  readonly sections: readonly BoardSection[];
  readonly hidden: readonly BoardSection[];
  readonly isSearch: boolean;
  /** There is no panel at all, not even a hidden one. */
  readonly isBare: boolean;
}

export function homesOf(names: Iterable<string>): Homes {
  const homes = new Map<string, string[]>();
  for (const name of names) {
    const section = sectionOf(name);
    const list = homes.get(section);
    if (list) list.push(name);
    else homes.set(section, [name]);
  }
  return homes;
}

/**
 * The board of some metrics; with `test` only the panels whose names it takes, and of sections those with any.
 * `histograms`: which of the metrics are no numbers.
 */
export function makeBoard(
  homes: Homes,
  view: BoardView,
  test: ((name: string) => boolean) | null,
  histograms = NO_METRICS,
): Board {
  const { away, extra, sized } = readPanels(homes, view);
  const names = new Set([...homes.keys(), ...extra.keys()]);
  for (const [name, section] of Object.entries(view.sections)) if (section.isMade) names.add(name);
  const all = sectionsInOrder(names, view.sectionOrder).map((name) => {
    const gone = away.get(name);
    const parts = {
      home: homes.get(name) ?? NO_NAMES,
      keep: test || gone ? (key: string) => !gone?.has(key) && (test?.(key) ?? true) : null,
      panels: (extra.get(name) ?? []).filter((panel) => !test || namesOf(panel).some(test)),
      sized: sized.get(name) ?? NO_PANELS,
      histograms,
    };
    return makeSection(name, sectionView(view, name), parts);
  });
  const found = test ? all.filter((section) => section.n > 0) : all;
  return {
    // what was searched for is found in hidden sections, too
    sections: test ? found : found.filter((section) => !section.view.isHidden),
    hidden: all.filter((section) => section.view.isHidden),
    isSearch: test !== null,
    isBare: names.size === 0,
  };
}

const NO_NAMES: readonly string[] = [];
const NO_PANELS: ReadonlyMap<string, Panel> = new Map();

/** By section: metrics whose panel is hidden or elsewhere, panels besides the metrics' own, and those with a size. */
function readPanels(homes: Homes, view: BoardView) {
  const away = new Map<string, Set<string>>();
  const extra = new Map<string, Panel[]>();
  const sized = new Map<string, Map<string, Panel>>();
  const hidden = new Set(view.hiddenPanels);
  const putAway = (metric: string) => {
    const home = sectionOf(metric);
    const set = away.get(home);
    if (set) set.add(metric);
    else away.set(home, new Set([metric]));
  };
  for (const id of hidden) {
    const metric = autoMetricOf(id);
    if (metric !== null) putAway(metric);
  }
  for (const panel of Object.values(view.panels)) {
    if (hidden.has(panel.id)) continue;
    const metric = autoMetricOf(panel.id);
    if (metric !== null) {
      const home = sectionOf(metric);
      if (!homes.get(home)?.includes(metric)) continue;
      if (panel.section !== home) putAway(metric);
    }
    if (metric === null || panel.section !== sectionOf(metric)) {
      const list = extra.get(panel.section);
      if (list) list.push(panel);
      else extra.set(panel.section, [panel]);
    }
    if (panel.span !== null || panel.height !== null) {
      const map = sized.get(panel.section) ?? new Map<string, Panel>();
      sized.set(panel.section, map.set(panel.id, panel));
    }
  }
  return { away, extra, sized };
}

/** What a panel is called in lists and menus. */
export function panelTitle(panel: Panel): string {
  return panelNames(panel).whole;
}

/** All that a search may find a panel by. */
function namesOf(panel: Panel): string[] {
  const { title, keys, pattern, expressions } = panel;
  return [
    title ?? panel.kind,
    ...keys,
    ...(pattern === null ? [] : [pattern]),
    ...expressions.flatMap(({ name, text }) => [name, text]),
  ];
}

interface SectionParts {
  /** Metrics that belong to it by themselves. */
  readonly home: readonly string[];
  /** Which of these it shows; null: all. */
  readonly keep: ((metric: string) => boolean) | null;
  /** The other panels in it. */
  readonly panels: readonly Panel[];
  /** Its panels with a size of their own. */
  readonly sized: ReadonlyMap<string, Panel>;
  /** Metrics that are histograms. */
  readonly histograms: ReadonlySet<string>;
}

function makeSection(name: string, view: SectionView, parts: SectionParts): BoardSection {
  const { home, keep, panels, sized } = parts;
  let ids: readonly string[] | null = null;
  let sizes: readonly PanelSize[] | null | undefined;
  const nOwn = keep ? home.reduce((n, metric) => n + (keep(metric) ? 1 : 0), 0) : home.length;
  return {
    name,
    title: view.title ?? name,
    view,
    n: nOwn + panels.length,
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
  { home, keep, panels, histograms }: SectionParts,
  order: readonly string[],
): readonly string[] {
  const names = keep ? sorted(home).filter(keep) : [...sorted(home)];
  const ids = names.map((name) => autoPanelId(name, histograms.has(name) ? "histogram" : "line"));
  for (const panel of panels) {
    const title = panelTitle(panel);
    const place = naturalPlace(names, title);
    names.splice(place, 0, title);
    ids.splice(place, 0, panel.id);
  }
  if (order.length === 0) return ids;
  const known = new Set(ids);
  const first = order.filter((id) => known.has(id));
  const taken = new Set(first);
  return [...first, ...ids.filter((id) => !taken.has(id))];
}

/** Moved ones as they were put; then `charts`, the others by name, `system` last. */
function sectionsInOrder(names: ReadonlySet<string>, order: readonly string[]): string[] {
  const first = order.filter((name) => names.has(name));
  const taken = new Set(first);
  const others = inNaturalOrder([...names].filter((name) => !taken.has(name)));
  const rank = (name: string) => (name === PLAIN_SECTION ? 0 : name === SYSTEM_SECTION ? 2 : 1);
  return [...first, ...others.sort((a, b) => rank(a) - rank(b))];
}
