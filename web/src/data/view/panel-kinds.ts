/**
 * The kinds of panel, as a view's document names them. Pure.
 *
 * A new kind is an entry here, an entry in `panels/registry.ts`, which the compiler then asks for, and a folder
 * in `panels/`.
 */

interface KindNames {
  /** In menus and heads: `Line`, `Parallel coordinates`. */
  readonly title: string;
  /** A panel without a title of its own is called by its kind, and not by the metrics that it draws. */
  readonly isTitleOfPanels?: boolean;
  /** It draws files of runs, which a share by a link has in no panel. */
  readonly isOfFiles?: boolean;
  /** It asks for what one project has, where a grid draws runs of several. */
  readonly isOfOneProject?: boolean;
}

export const KIND_NAMES = {
  line: { title: "Line" },
  bar: { title: "Bar" },
  scatter: { title: "Scatter" },
  parallel: { title: "Parallel coordinates", isTitleOfPanels: true },
  importance: { title: "Parameter importance", isTitleOfPanels: true },
  histogram: { title: "Histogram", isOfOneProject: true },
  media: { title: "Media", isOfFiles: true, isOfOneProject: true },
  table: { title: "Table", isOfFiles: true, isOfOneProject: true },
  chart: { title: "Logged chart", isOfFiles: true, isOfOneProject: true },
  scalar: { title: "Scalar" },
  comparer: { title: "Run comparer", isTitleOfPanels: true, isOfOneProject: true },
  latest: { title: "Latest values", isTitleOfPanels: true },
  markdown: { title: "Text", isTitleOfPanels: true },
  vega: { title: "Vega-Lite", isTitleOfPanels: true },
} as const satisfies Readonly<Record<string, KindNames>>;

export type PanelKind = keyof typeof KIND_NAMES;

export const KINDS = Object.keys(KIND_NAMES) as readonly PanelKind[];

export function kindNames(kind: PanelKind): KindNames {
  return KIND_NAMES[kind];
}
