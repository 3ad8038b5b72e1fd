/**
 * A workspace's view: one JSON document with all that a person can change about what they see.
 *
 * Pure. The workspace and the runs table show the same view. `features/view/` holds it, undoes, saves and
 * shares it; `url.ts` is its text form. What is not set is absent or as in `FIRST_VIEW`, so documents stay small.
 */

import { MEDIA_SECTION, SYSTEM_SECTION } from "../metrics/sections";
import { autoPanel, type Panel } from "./panel";
import { type AxisKind, cascade, type PanelSettings } from "./settings";

export type Range = readonly [number, number];

/** Selection of the listed runs that charts show: a base, and the runs that differ from it. */
export interface RunSelection {
  readonly base: "newest" | "all" | "none";
  readonly on: readonly string[];
  readonly off: readonly string[];
}

/** A sort key, as the server takes it: `config.lr`, `created`, `summary.val/acc`. */
export interface Order {
  readonly column: string;
  readonly descending: boolean;
}

/** A person's changes of a section; sections come from the metrics' names and from panels. */
export interface SectionView {
  /** A title that a person gave it; null: its name. */
  readonly title: string | null;
  /** A person made it: it stays when it is empty. */
  readonly isMade: boolean;
  /** Null: as it begins (open; `system`, and many metrics of one run, closed). */
  readonly isOpen: boolean | null;
  /** From 0. */
  readonly page: number;
  /** Panel ids in the order a person gave them; the others follow by name. */
  readonly order: readonly string[];
  readonly isHidden: boolean;
  /** Panels without data for the runs shown stand among the others; else they are folded. */
  readonly areEmptyShown: boolean;
  /** Span of its panels in the 12-column grid; null: by width. */
  readonly span: number | null;
  /** Height of its panels, px; null: the token's. */
  readonly height: number | null;
  /** Rows of a page; null: by how many sections there are. */
  readonly rows: number | null;
  readonly settings: Partial<PanelSettings>;
}

export const FIRST_SECTION: SectionView = {
  title: null,
  isMade: false,
  isOpen: null,
  page: 0,
  order: [],
  isHidden: false,
  areEmptyShown: false,
  span: null,
  height: null,
  rows: null,
  settings: {},
};

/** Images of several runs need more room than a curve. */
const FIRST_MEDIA: SectionView = { ...FIRST_SECTION, span: 6, height: 360 };

/** Look of the numbers of a column: decimals, all digits, or powers of ten. */
export type NumberLook = number | "all" | "exp";

/** The runs table's columns. */
export interface TableView {
  /** Columns that were moved, in order; the others follow as discovered. */
  readonly order: readonly string[];
  /** No column is suggested: only those in `shown` are. */
  readonly isOwn: boolean;
  /** Columns that are not as suggested: hidden, or shown. */
  readonly hidden: readonly string[];
  readonly shown: readonly string[];
  /** Pinned to the left, after the name. */
  readonly pinned: readonly string[];
  readonly widths: Readonly<Record<string, number>>;
  readonly formats: Readonly<Record<string, NumberLook>>;
}

export interface View {
  readonly runSearch: string;
  readonly isRunRegex: boolean;
  /** In the filter language of docs/guide/filters.md; empty: all runs. */
  readonly filter: string;
  /** A filter for now, on top of `filter`: of a link, or of the count of running runs. Empty: none. */
  readonly passingFilter: string;
  readonly groupBy: readonly string[];
  /** Empty: newest first. */
  readonly order: readonly Order[];
  readonly selection: RunSelection;
  /** Groups that differ from the selection's base: `groupId(values)`. */
  readonly hiddenGroups: readonly string[];
  readonly shownGroups: readonly string[];
  /** Groups that show what is in them; null: none was opened or closed, and those that hold groups are open. */
  readonly openGroups: readonly string[] | null;
  /** Columns next to the name in the runs list. */
  readonly pinned: readonly string[];
  readonly baseline: string | null;
  /** The column whose values runs are coloured by; null: each run has its own colour. */
  readonly colorBy: string | null;
  /** Colours that a person gave to groups, by `groupId`. */
  readonly groupColors: Readonly<Record<string, number>>;
  readonly table: TableView;

  readonly panelSearch: string;
  readonly isPanelRegex: boolean;
  readonly settings: Partial<PanelSettings>;
  readonly sections: Readonly<Record<string, Partial<SectionView>>>;
  /** Sections that were moved, in order; the others follow as they begin. */
  readonly sectionOrder: readonly string[];
  /** By id: panels that a person made, and automatic ones that they changed. */
  readonly panels: Readonly<Record<string, Panel>>;
  readonly hiddenPanels: readonly string[];
  /** By panel id, in units of its x axis. */
  readonly zoom: Readonly<Record<string, Range>>;
  /** The steps that media panels show, by panel id, or `*` of those in step; absent: the last. */
  readonly mediaSteps: Readonly<Record<string, number>>;
  /** One zoom and one crosshair for all panels with the same x axis. */
  readonly isSynced: boolean;
  /** The panel in full screen, and the one whose settings are open. */
  readonly full: string | null;
  readonly edited: string | null;
}

export const FIRST_VIEW: View = {
  runSearch: "",
  isRunRegex: false,
  filter: "",
  passingFilter: "",
  groupBy: [],
  order: [],
  selection: { base: "newest", on: [], off: [] },
  hiddenGroups: [],
  shownGroups: [],
  openGroups: null,
  pinned: ["runtime", "created"],
  baseline: null,
  colorBy: null,
  groupColors: {},
  table: { order: [], isOwn: false, hidden: [], shown: [], pinned: [], widths: {}, formats: {} },
  panelSearch: "",
  isPanelRegex: false,
  settings: {},
  sections: {},
  sectionOrder: [],
  panels: {},
  hiddenPanels: [],
  zoom: {},
  mediaSteps: {},
  isSynced: true,
  full: null,
  edited: null,
};

/** Fields of the moment: in the URL, but neither undone nor a change of a saved view. */
export const PASSING: readonly (keyof View)[] = [
  "runSearch",
  "isRunRegex",
  "passingFilter",
  "panelSearch",
  "isPanelRegex",
  "zoom",
  "mediaSteps",
  "full",
  "edited",
];

export function sectionView(view: Pick<View, "sections">, name: string): SectionView {
  return { ...(name === MEDIA_SECTION ? FIRST_MEDIA : FIRST_SECTION), ...view.sections[name] };
}

const TIME_AXES: readonly AxisKind[] = ["time", "time_wall", "wall"];

/** A panel as the document has it, or the automatic one; null when there is none of that id. */
export function panelOf(view: Pick<View, "panels">, id: string): Panel | null {
  return view.panels[id] ?? autoPanel(id);
}

/** The settings that hold for a panel: workspace, section, panel. */
export function settingsOf(view: View, panel: Panel): PanelSettings {
  return cascade(
    view.settings,
    sectionDefaults(view.settings, panel.section),
    view.sections[panel.section]?.settings ?? {},
    panel.settings,
  );
}

/** Settings of a section before anyone changed it. Steps of system metrics count samples: they are drawn over time. */
export function sectionDefaults(
  { axis = "defined" }: Partial<PanelSettings>,
  section: string,
): Partial<PanelSettings> {
  return section === SYSTEM_SECTION && !TIME_AXES.includes(axis) ? { axis: "time" } : {};
}

/** The columns that a list is sorted by, but for the name. */
export function sortColumns(order: readonly Order[]): readonly string[] {
  return order.map(({ column }) => column).filter((column) => column !== "name");
}

/** The columns of a run's lock: the user, and the time. */
export const LOCK_COLUMNS: readonly string[] = ["locked_by", "locked"];

/** The columns whose values the runs list has: pinned ones, sort keys, the lock, and why a run ended badly. */
export function listedColumns({ pinned, order }: Pick<View, "pinned" | "order">): readonly string[] {
  return [...new Set([...pinned, ...sortColumns(order), ...LOCK_COLUMNS, "reason"])];
}

/** A group's name in the document: its values as JSON. */
export function groupId(values: readonly unknown[]): string {
  return JSON.stringify(values);
}

/** Changes of a view as plain functions: each gives the part to set. */
export const change = {
  section(view: View, name: string, part: Partial<SectionView>): Partial<View> {
    return { sections: { ...view.sections, [name]: { ...view.sections[name], ...part } } };
  },
  panel(view: View, id: string, part: Partial<Panel>): Partial<View> {
    const before = panelOf(view, id);
    if (!before) return {};
    return { panels: { ...view.panels, [id]: { ...before, ...part } } };
  },
  /** Settings of a panel; `undefined` takes an own value back. */
  panelSettings(view: View, id: string, part: Partial<PanelSettings>): Partial<View> {
    const before = panelOf(view, id);
    if (!before) return {};
    const settings = { ...before.settings, ...part };
    for (const key of Object.keys(settings) as (keyof PanelSettings)[])
      if (settings[key] === undefined) delete settings[key];
    return change.panel(view, id, { settings });
  },
  /** A panel's own settings for all panels of its section, or of the workspace; fixed ends stay its own. */
  spreadSettings(view: View, id: string, to: "section" | "workspace"): Partial<View> {
    const from = panelOf(view, id);
    if (!from) return {};
    const { xEnds: _x, yEnds: _y, ...spread } = from.settings;
    const isHere = (section: string) => to === "workspace" || section === from.section;
    const panels = Object.fromEntries(
      Object.entries({ ...view.panels, [id]: from }).map(([key, panel]) => [
        key,
        isHere(panel.section) ? { ...panel, settings: without(panel.settings, spread) } : panel,
      ]),
    );
    if (to === "section") {
      const before = view.sections[from.section];
      return {
        panels,
        ...change.section(view, from.section, { settings: { ...before?.settings, ...spread } }),
      };
    }
    const sections = Object.fromEntries(
      Object.entries(view.sections).map(([name, section]) => [
        name,
        section.settings ? { ...section, settings: without(section.settings, spread) } : section,
      ]),
    );
    return { panels, sections, settings: { ...view.settings, ...spread } };
  },
};

/** Settings but for those that `taken` has, too. */
function without(settings: Partial<PanelSettings>, omitted: Partial<PanelSettings>): Partial<PanelSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !(key in omitted)));
}
