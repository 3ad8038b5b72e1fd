/**
 * Reads a view from JSON, which may come from another version of this app or from another program. Pure.
 *
 * A field that is added to the view must be added here: the compiler asks for it.
 */

import { GROUP_COLORS } from "../runs/color";
import { type Mark, makePanel, type NamedExpression, type Panel } from "./panel";
import { KINDS } from "./panel-kinds";
import {
  allOf,
  anything,
  type Fields,
  flag,
  listOf,
  number,
  oneOf,
  orNull,
  pairOf,
  partOf,
  type Reader,
  recordOf,
  text,
  whole,
} from "./reading";
import {
  AXES,
  BANDS,
  CENTERS,
  FILLS,
  LEGEND_POSITIONS,
  type LineStyle,
  type PanelSettings,
  SCALES,
  SMOOTHINGS,
  type Smoothing,
  STROKES,
  STYLED,
} from "./settings";
import {
  FIRST_VIEW,
  type NumberLook,
  type Order,
  type Range,
  type RunSelection,
  type SectionView,
  type TableView,
  type View,
} from "./view";

const texts = listOf(text);

export const range: Reader<Range> = (value) => {
  const pair = pairOf(number())(value);
  return pair && pair[0] < pair[1] ? pair : undefined;
};

const SETTINGS: Fields<PanelSettings> = {
  axis: oneOf(...AXES),
  axisBy: orNull(text),
  smoothing: allOf<Smoothing>({ kind: oneOf(...SMOOTHINGS), amount: number(0, 1) }),
  hasRaw: flag,
  xScale: oneOf(...SCALES),
  yScale: oneOf(...SCALES),
  xEnds: pairOf(orNull(number())),
  yEnds: pairOf(orNull(number())),
  hasSharedX: flag,
  hasSharedY: flag,
  hasLongRuns: flag,
  hasOutliers: flag,
  groupBy: orNull(texts),
  center: oneOf(...CENTERS),
  band: oneOf(...BANDS),
  fill: oneOf(...FILLS),
  by: orNull(text),
  hasDots: flag,
  styles: listOf(
    allOf<LineStyle>({
      of: oneOf(...STYLED),
      id: text,
      name: orNull(text),
      stroke: orNull(oneOf(...STROKES)),
      widthPx: orNull(number(0.5, 10)),
      hasDots: flag,
    }),
  ),
  legend: oneOf(...LEGEND_POSITIONS),
  legendText: orNull(text),
  tipRows: whole(1, 100),
  hasNonfinite: flag,
  hasBaseline: flag,
};

const settingsPart = partOf(SETTINGS);

/** Views that weft 0.2 saved have `hasNonfinite` as `hasOdd`. */
export const settings: typeof settingsPart = (value) => {
  const old = anything(value);
  return settingsPart(old && { hasNonfinite: old.hasOdd, ...old });
};

const PANEL: Fields<Omit<Panel, "id">> = {
  kind: oneOf(...KINDS),
  section: text,
  title: orNull(text),
  span: orNull(whole(1, 12)),
  height: orNull(number(40, 10_000)),
  keys: texts,
  pattern: orNull(text),
  expressions: listOf(allOf<NamedExpression>({ name: text, text })),
  marks: listOf(
    allOf<Mark>({
      kind: oneOf("threshold", "annotation"),
      at: number(),
      text,
      look: oneOf("limit", "goal", "plain"),
      run: orNull(text),
    }),
  ),
  undrawn: texts,
  settings,
  runFilter: orNull(text),
  options: anything,
};

/** A panel, called `id` whatever its own id is. */
export function panel(value: unknown, id: string): Panel | undefined {
  const { kind, section, ...rest } = partOf(PANEL)(value) ?? {};
  return kind === undefined || section === undefined ? undefined : makePanel(id, kind, section, rest);
}

const SECTION: Fields<SectionView> = {
  title: orNull(text),
  isMade: flag,
  isOpen: orNull(flag),
  page: whole(0, 1_000_000),
  order: texts,
  isHidden: flag,
  areEmptyShown: flag,
  span: orNull(whole(1, 12)),
  height: orNull(number(40, 10_000)),
  rows: orNull(whole(1, 1000)),
  settings,
};

export const sectionPart = partOf(SECTION);

const look: Reader<NumberLook> = (value) => whole(0, 20)(value) ?? oneOf("all", "exp")(value);

const TABLE: Fields<TableView> = {
  order: texts,
  isOwn: flag,
  hidden: texts,
  shown: texts,
  pinned: texts,
  widths: recordOf(number(1, 10_000)),
  formats: recordOf(look),
};

/** Missing fields of a table are as at first. */
const table: Reader<TableView> = (value) => {
  const part = partOf(TABLE)(value);
  return part && { ...FIRST_VIEW.table, ...part };
};

const selection: Reader<RunSelection> = allOf<RunSelection>({
  base: oneOf("newest", "all", "none"),
  on: texts,
  off: texts,
});

const VIEW: Fields<View> = {
  runSearch: text,
  isRunRegex: flag,
  passingFilter: text,
  filter: text,
  groupBy: texts,
  order: listOf(allOf<Order>({ column: text, descending: flag })),
  selection,
  hiddenGroups: texts,
  shownGroups: texts,
  openGroups: orNull(texts),
  pinned: texts,
  baseline: orNull(text),
  colorBy: orNull(text),
  groupColors: recordOf(whole(1, GROUP_COLORS)),
  table,
  panelSearch: text,
  isPanelRegex: flag,
  settings,
  sections: recordOf(sectionPart),
  sectionOrder: texts,
  panels: recordOf(panel),
  hiddenPanels: texts,
  zoom: recordOf(range),
  mediaSteps: recordOf(number()),
  isSynced: flag,
  full: orNull(text),
  edited: orNull(text),
};

/** The view that a document describes; what it does not say, or says wrongly, is as at first. */
export function readView(document: unknown): View {
  return { ...FIRST_VIEW, ...partOf(VIEW)(document) };
}
