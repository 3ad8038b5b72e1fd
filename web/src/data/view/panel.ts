/**
 * One panel of the workspace, as the view's document holds it. Pure.
 *
 * Most panels are automatic: one for each metric, known by its name. The document holds only those that a
 * person made, and what they changed of the automatic ones.
 */

import { MEDIA_SECTION, SYSTEM_PREFIX, SYSTEM_SECTION, sectionOf } from "../metrics/sections";
import type { PanelKind } from "./panel-kinds";
import type { PanelSettings } from "./settings";

/** A line across a chart (`y`), or a flag at a place on its x axis. */
export interface Mark {
  readonly kind: "threshold" | "annotation";
  /** In units of y, or of the panel's x axis. */
  readonly at: number;
  readonly text: string;
  /** `limit` in amber, `goal` in green; annotations are plain. */
  readonly look: "limit" | "goal" | "plain";
  /** The run that an annotation belongs to; null: all. */
  readonly run: string | null;
}

export interface NamedExpression {
  readonly name: string;
  readonly text: string;
}

export interface Panel {
  /** `auto:METRIC`, `logged:METRIC`, `histogram:METRIC`, `media:METRIC`, `table:METRIC` or `chart:METRIC` of an automatic one, else made by `newPanelId`. */
  readonly id: string;
  readonly kind: PanelKind;
  readonly section: string;
  /** Null: what its content says. */
  readonly title: string | null;
  /** Columns of the 12-column grid; null: as the section's. */
  readonly span: number | null;
  /** Of the whole panel, px; null: as the section's. */
  readonly height: number | null;
  readonly keys: readonly string[];
  /** Metrics whose names match are drawn, too; null: none. */
  readonly pattern: string | null;
  readonly expressions: readonly NamedExpression[];
  /** Of `keys` and the expressions' names: kept, and not drawn. */
  readonly undrawn: readonly string[];
  readonly marks: readonly Mark[];
  readonly settings: Partial<PanelSettings>;
  /** Runs of its own: those of the project that match, whatever the list shows; empty: all. Null: the runs shown. */
  readonly runFilter: string | null;
  /** Options of this kind of panel alone: see `panels/KIND/options.ts`. JSON. */
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Prefixes of the ids of automatic panels, by their kind.
 *
 * `logged`: a line of a metric `system.…` that only scripts logged, so that the id alone tells its section.
 */
const AUTO = {
  line: "auto:",
  logged: "logged:",
  histogram: "histogram:",
  media: "media:",
  table: "table:",
  chart: "chart:",
} as const;

type AutoKind = keyof typeof AUTO;

/** The kind of panel that a metric without numbers has by itself. */
export type ObjectPanel = "histogram" | "media" | "table" | "chart";

/** Whether metrics with such a panel are in the section of media, whatever their names say. */
export function isOfMediaSection(panel: PanelKind | undefined): boolean {
  return panel === "media" || panel === "table";
}

/**
 * @param section where the metric is at home
 * @param object of a metric without numbers
 */
export function autoPanelId(
  metric: string,
  section = sectionOf(metric),
  object: ObjectPanel | null = null,
): string {
  if (object) return `${AUTO[object]}${metric}`;
  const isLogged = metric.startsWith(SYSTEM_PREFIX) && section !== SYSTEM_SECTION;
  return `${isLogged ? AUTO.logged : AUTO.line}${metric}`;
}

/** The metric of an automatic panel's id; null of another. */
export function autoMetricOf(id: string): string | null {
  const kind = autoKindOf(id);
  return kind && id.slice(AUTO[kind].length);
}

function autoKindOf(id: string): AutoKind | null {
  const kinds = Object.keys(AUTO) as AutoKind[];
  return kinds.find((kind) => id.startsWith(AUTO[kind])) ?? null;
}

/** The section that an automatic panel is in by itself; null of another. */
export function autoHomeOf(id: string): string | null {
  const kind = autoKindOf(id);
  return kind && homeOf(kind, id.slice(AUTO[kind].length));
}

function homeOf(kind: AutoKind, metric: string): string {
  return isOfMediaSection(kind === "logged" ? "line" : kind)
    ? MEDIA_SECTION
    : sectionOf(metric, kind !== "line");
}

/** The one metric that a panel shows; null: it shows several, or what is computed. */
export function onlyMetricOf({ keys, pattern, expressions }: Panel): string | null {
  return keys.length === 1 && pattern === null && expressions.length === 0 ? (keys[0] ?? null) : null;
}

export function newPanelId(): string {
  // not `randomUUID`, which a page served over plain HTTP does not have
  return Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

/** The id of a panel of a grid in a text: of two grids, panels of the same id are two panels. */
export function panelIdOf(gridId: string, id: string): string {
  return `${gridId}.${id}`;
}

/** A panel with nothing set; `changes` over it. */
export function makePanel(id: string, kind: PanelKind, section: string, changes: Partial<Panel> = {}): Panel {
  return {
    id,
    kind,
    section,
    title: null,
    span: null,
    height: null,
    keys: [],
    pattern: null,
    expressions: [],
    undrawn: [],
    marks: [],
    settings: {},
    runFilter: null,
    options: {},
    ...changes,
  };
}

const autoPanels = new Map<string, Panel>();

/** The panel that a metric has by itself, always the same object; null: the id is of none such. */
export function autoPanel(id: string): Panel | null {
  let panel = autoPanels.get(id) ?? null;
  const kind = autoKindOf(id);
  if (!panel && kind) {
    const metric = id.slice(AUTO[kind].length);
    const drawn = kind === "logged" ? "line" : kind;
    panel = makePanel(id, drawn, homeOf(kind, metric), { keys: [metric] });
    autoPanels.set(id, panel);
  }
  return panel;
}
