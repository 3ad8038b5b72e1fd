/** Parts of a report, block by block: headings, words, references. Pure. */

import type { Block, Inline, ReportDocument } from "./document";
import { drawsRuns } from "./grid";

/** The blocks inside of a block. */
function blocksIn(block: Block): readonly Block[] {
  switch (block.kind) {
    case "list":
      return block.items.flatMap((item) => item.blocks);
    case "table":
      return block.rows.flatMap((row) => row.flatMap((cell) => cell.blocks));
    case "columns":
      return block.columns.flatMap((column) => column.blocks);
    case "quote":
    case "callout":
    case "collapsible":
      return block.blocks;
    default:
      return [];
  }
}

/** All blocks in the order in which they are read. */
function allBlocks(blocks: readonly Block[]): readonly Block[] {
  return blocks.flatMap((block) => [block, ...allBlocks(blocksIn(block))]);
}

/** The grids of panels that draw runs. */
export function gridsOf({ blocks }: Pick<ReportDocument, "blocks">) {
  return allBlocks(blocks)
    .filter((block) => block.kind === "grid")
    .filter(drawsRuns);
}

/** The level of the headings of panels in a grid, by its id: one below the heading that it follows, from 2 to 6. */
export function panelLevelsOf({ blocks }: Pick<ReportDocument, "blocks">): ReadonlyMap<string, number> {
  const levels = new Map<string, number>();
  // the title of the report is the page's first heading
  let above = 1;
  for (const block of allBlocks(blocks))
    if (block.kind === "heading") above = block.level + 1;
    else if (block.kind === "grid") levels.set(block.id, Math.min(6, above + 1));
  return levels;
}

function textsIn(block: Block): readonly Inline[] {
  if (block.kind === "paragraph" || block.kind === "heading") return block.text;
  return block.kind === "collapsible" ? block.summary : [];
}

/** Text without marks. */
export function plainText(pieces: readonly Inline[]): string {
  return pieces
    .map((piece) => {
      if (piece.kind === "text") return piece.text;
      if (piece.kind === "mention") return `@${piece.user}`;
      return piece.kind === "math" ? piece.latex : "";
    })
    .join("");
}

/** A heading with its address on the page. */
export interface OutlineEntry {
  /** The block's. */
  readonly id: string;
  /** The part of an address after `#`. */
  readonly anchor: string;
  readonly level: number;
  readonly text: string;
}

/** The headings with text; where an anchor is in use, also as the id of a block, it ends with a number. */
export function outlineOf({ blocks }: Pick<ReportDocument, "blocks">): readonly OutlineEntry[] {
  const all = allBlocks(blocks);
  const used = new Set<string>(all.map(({ id }) => id));
  return all.flatMap((block) => {
    if (block.kind !== "heading") return [];
    const text = plainText(block.text).trim();
    if (text === "") return [];
    const slug = slugOf(text) || "heading";
    let anchor = slug;
    for (let n = 2; used.has(anchor); n++) anchor = `${slug}-${n}`;
    used.add(anchor);
    return [{ id: block.id, anchor, level: block.level, text }];
  });
}

function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 80);
}

const WORDS_PER_MINUTE = 220;

/** Time to read the text, minutes; at least one. */
export function readingMinutes({ blocks }: Pick<ReportDocument, "blocks">): number {
  const words = allBlocks(blocks).flatMap((block) => plainText(textsIn(block)).match(/\S+/g) ?? []);
  return Math.max(1, Math.round(words.length / WORDS_PER_MINUTE));
}

/** A run by its path. */
export interface RunPath {
  readonly entity: string;
  readonly project: string;
  readonly run: string;
}

/** Null: it is not `entity/project/run`. */
export function readRunPath(path: string): RunPath | null {
  const [entity, project, run, ...rest] = path.split("/");
  return entity && project && run && rest.length === 0 ? { entity, project, run } : null;
}

/** The runs of one project that a report refers to, and the columns whose values it shows. */
export interface References {
  readonly entity: string;
  readonly project: string;
  /** Ids, sorted. */
  readonly runs: readonly string[];
  readonly columns: readonly string[];
}

/** The runs of live values and cards, by project. */
export function referencesOf({ blocks }: Pick<ReportDocument, "blocks">): readonly References[] {
  const projects = new Map<string, { of: RunPath; runs: Set<string>; columns: Set<string> }>();
  const add = (path: string, column: string | null) => {
    const of = readRunPath(path);
    if (!of) return;
    const name = `${of.entity}/${of.project}`;
    const refs = projects.get(name) ?? { of, runs: new Set<string>(), columns: new Set<string>() };
    refs.runs.add(of.run);
    if (column !== null) refs.columns.add(column);
    projects.set(name, refs);
  };
  for (const block of allBlocks(blocks)) {
    if (block.kind === "card" && (block.of === "run" || block.of === "metric" || block.of === "table"))
      add(block.path, block.of === "metric" && block.key !== null ? `summary.${block.key}` : null);
    for (const piece of textsIn(block)) if (piece.kind === "value") add(piece.run, piece.key);
  }
  return [...projects.values()].map(({ of: { entity, project }, runs, columns }) => ({
    entity,
    project,
    runs: [...runs].sort(),
    columns: [...columns].sort(),
  }));
}
