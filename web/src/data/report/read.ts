/**
 * Reads the content of a report from JSON, which another version of weft or another program may have written. Pure.
 *
 * A block of an unknown kind, or one that lacks what its kind needs, becomes one of the kind `unknown`.
 */

import { panelIdOf } from "../view/panel";
import { panel as readPanel, readView } from "../view/read";
import { flag, listOf, number, oneOf, orNull, type Reader, recordOf, text, whole } from "../view/reading";
import type { RunSelection } from "../view/view";
import {
  type Block,
  type BlockContent,
  CALLOUT_TONES,
  CARD_SUBJECTS,
  type Column,
  type Grid,
  type Inline,
  LIST_STYLES,
  type ListItem,
  MARKS,
  type ReportDocument,
  type RunSet,
  type TableCell,
  WIDTHS,
} from "./document";

type Fields = Readonly<Record<string, unknown>>;

const DEEPEST = 32;

/** Addresses that a click may lead to: none of them runs a script. */
const SAFE_LINK = /^(https?:|mailto:|#|\/(?!\/))/i;

const safeLink: Reader<string> = (value) => {
  const url = text(value);
  return url !== undefined && SAFE_LINK.test(url) ? url : undefined;
};

const hash: Reader<string> = (value) => {
  const digits = text(value);
  return digits !== undefined && /^[0-9a-f]{64}$/.test(digits) ? digits : undefined;
};

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function itemsOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

/** The content that a server's answer has; what it lacks is as at first. */
export function readReport(json: unknown): ReportDocument {
  const fields = fieldsOf(json);
  return {
    title: text(fields.title) ?? "",
    description: text(fields.description) ?? "",
    width: oneOf(...WIDTHS)(fields.width) ?? "readable",
    blocks: blocksOf(fields.blocks, "block", 0),
  };
}

function blocksOf(value: unknown, parent: string, depth: number): readonly Block[] {
  return itemsOf(value).map((fields, i) => {
    const id = text(fields.id) ?? `${parent}-${i + 1}`;
    const of = text(fields.kind) ?? "";
    const read = depth < DEEPEST && Object.hasOwn(KINDS, of) ? KINDS[of] : undefined;
    const content = read?.(fields, id, depth + 1) ?? { kind: "unknown", of };
    return { ...content, id };
  });
}

type Read = (fields: Fields, id: string, depth: number) => BlockContent | null;

const KINDS: Readonly<Record<string, Read>> = {
  paragraph: (fields) => ({ kind: "paragraph", text: inlineOf(fields.text) }),
  heading: (fields) => ({
    kind: "heading",
    level: whole(1, 6)(fields.level) ?? 1,
    text: inlineOf(fields.text),
  }),
  list: (fields, id, depth) => ({
    kind: "list",
    style: oneOf(...LIST_STYLES)(fields.style) ?? "bullet",
    start: whole(0, 1e9)(fields.start) ?? 1,
    items: itemsOf(fields.items).map(
      (item, i): ListItem => ({
        isChecked: item.checked === true,
        blocks: blocksOf(item.blocks, `${id}-${i + 1}`, depth),
      }),
    ),
  }),
  quote: (fields, id, depth) => ({ kind: "quote", blocks: blocksOf(fields.blocks, id, depth) }),
  callout: (fields, id, depth) => ({
    kind: "callout",
    tone: oneOf(...CALLOUT_TONES)(fields.tone) ?? "info",
    blocks: blocksOf(fields.blocks, id, depth),
  }),
  code: (fields) => ({
    kind: "code",
    language: text(fields.language) ?? null,
    code: text(fields.code) ?? "",
  }),
  table: (fields, id, depth) => ({
    kind: "table",
    rows: itemsOf(fields.rows).map((row, i) =>
      itemsOf(row.cells).map((cell, j) => cellOf(cell, `${id}-${i + 1}-${j + 1}`, depth)),
    ),
  }),
  collapsible: (fields, id, depth) => ({
    kind: "collapsible",
    isOpen: fields.open === true,
    summary: inlineOf(fields.summary),
    blocks: blocksOf(fields.blocks, id, depth),
  }),
  columns: (fields, id, depth) => ({
    kind: "columns",
    columns: itemsOf(fields.columns).map(
      (column, i): Column => ({
        share: number(0.01, 100)(column.width) ?? 1,
        blocks: blocksOf(column.blocks, `${id}-${i + 1}`, depth),
      }),
    ),
  }),
  divider: () => ({ kind: "divider" }),
  math: (fields) => ({ kind: "math", latex: text(fields.latex) ?? "" }),
  image: (fields) => ({
    kind: "image",
    sha256: hash(fields.sha256) ?? null,
    url: safeLink(fields.url) ?? null,
    alt: text(fields.alt) ?? "",
    caption: text(fields.caption) ?? "",
    widthPx: number(1, 10_000)(fields.width) ?? null,
  }),
  video: (fields) => {
    const url = safeLink(fields.url);
    return url === undefined ? null : { kind: "video", url, caption: text(fields.caption) ?? "" };
  },
  contents: () => ({ kind: "contents" }),
  card: (fields) => ({
    kind: "card",
    of: oneOf(...CARD_SUBJECTS)(fields.of) ?? null,
    path: text(fields.path) ?? "",
    key: text(fields.key) ?? null,
  }),
  grid: (fields, id) => readGrid(fields, id),
};

function inlineOf(value: unknown): readonly Inline[] {
  return itemsOf(value).map((piece): Inline => {
    const kind = piece.kind === undefined ? "text" : text(piece.kind);
    if (kind === "text")
      return {
        kind,
        text: text(piece.text) ?? "",
        marks: listOf(oneOf(...MARKS))(piece.marks) ?? [],
        link: safeLink(piece.link) ?? null,
      };
    if (kind === "mention") return { kind, user: text(piece.user) ?? "" };
    if (kind === "math") return { kind, latex: text(piece.latex) ?? "" };
    if (kind === "value")
      return {
        kind,
        run: text(piece.run) ?? "",
        key: text(piece.key) ?? "",
        format: whole(0, 20)(piece.format) ?? oneOf("all", "exp")(piece.format) ?? null,
      };
    return { kind: "unknown", of: kind ?? "" };
  });
}

function cellOf(cell: Fields, id: string, depth: number): TableCell {
  return {
    isHeader: cell.header === true,
    nColumns: whole(1, 100)(cell.colspan) ?? 1,
    nRows: whole(1, 100)(cell.rowspan) ?? 1,
    widthsPx: listOf(number(1, 10_000))(cell.widths) ?? null,
    blocks: blocksOf(cell.blocks, id, depth),
  };
}

/** The section that all panels of a grid are in. */
export const GRID_SECTION = "grid";

/** @param fields its members in the document */
export function readGrid(fields: Fields, id: string): Grid {
  const panels = fieldsOf(fields.panels);
  const panelIds = orderOf(fields.panelOrder, panels);
  const readPanels = panelIds.map((panelId) =>
    readPanel({ section: GRID_SECTION, ...fieldsOf(panels[panelId]) }, panelIdOf(id, panelId)),
  );
  const runSets = fieldsOf(fields.runSets);
  return {
    kind: "grid",
    runSets: orderOf(fields.runSetOrder, runSets).map((setId) => runSetOf(fieldsOf(runSets[setId]), setId)),
    panels: readPanels
      .filter((panel) => panel !== undefined)
      .map((panel) => ({ ...panel, section: GRID_SECTION })),
    unknownPanels: panelIds
      .filter((_, i) => readPanels[i] === undefined)
      .map((panelId) => text(fieldsOf(panels[panelId]).kind) ?? ""),
    settings: readView({ settings: fields.settings }).settings,
  };
}

/** Names of a record: those of an order, then the others by name. */
export function orderOf(order: unknown, record: Fields): readonly string[] {
  const first = (listOf(text)(order) ?? []).filter((id) => Object.hasOwn(record, id));
  return [...new Set([...first, ...Object.keys(record).sort()])];
}

/** Of a set without a selection: its filter tells which runs are meant. */
const ALL_MATCHING: RunSelection = { base: "all", on: [], off: [] };

function runSetOf(fields: Fields, id: string): RunSet {
  const view = readView({ ...fields, selection: selectionOf(fields.selection) });
  const { filter, runSearch, isRunRegex, groupBy, baseline, colorBy, groupColors, selection } = view;
  return {
    id,
    name: text(fields.name) ?? "",
    project: orNull(text)(fields.project) ?? null,
    isShown: flag(fields.isShown) ?? true,
    filter,
    runSearch,
    isRunRegex,
    groupBy,
    order: itemsOf(fields.order).flatMap(({ column, descending }) => {
      const name = text(column);
      return name === undefined ? [] : [{ column: name, descending: descending === true }];
    }),
    selection,
    baseline,
    colorBy,
    groupColors,
    runColors: recordOf(whole(1, 24))(fields.runColors) ?? {},
  };
}

/** Without its lists, which are empty at first. */
function selectionOf(value: unknown): RunSelection {
  const { base, on, off } = fieldsOf(value);
  return {
    base: oneOf("newest", "all", "none")(base) ?? ALL_MATCHING.base,
    on: listOf(text)(on) ?? [],
    off: listOf(text)(off) ?? [],
  };
}
