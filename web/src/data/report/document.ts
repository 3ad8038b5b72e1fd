/**
 * The content of a report, as the server gives it in JSON: blocks of text, and objects of weft among them. Pure.
 *
 * What is at its default is absent there; `read.ts` fills it in. Blocks of other kinds stay whole, so that a page can
 * tell of them.
 */

import type { Panel } from "../view/panel";
import type { PanelSettings } from "../view/settings";
import type { RunSelection, View } from "../view/view";

export const MARKS = [
  "bold",
  "italic",
  "underline",
  "strike",
  "code",
  "highlight",
  "superscript",
  "subscript",
] as const;
export type Mark = (typeof MARKS)[number];

/** Characters with the same marks; a line break is `\n`. */
export interface TextRun {
  readonly kind: "text";
  readonly text: string;
  readonly marks: readonly Mark[];
  /** An address of the web, mail, this server, or this page; null: no link. */
  readonly link: string | null;
}

/** Digits after the point, all, or a power of ten. */
type ValueFormat = number | "all" | "exp";

/** A number or a text of a run, as it is when the report is shown. */
export interface LiveValue {
  readonly kind: "value";
  /** `entity/project/run`. */
  readonly run: string;
  /** A column of runs: `summary.val/acc`. */
  readonly key: string;
  /** Null: as numbers of that size are written. */
  readonly format: ValueFormat | null;
}

/** An object of a kind that this page does not know. */
interface Unknown {
  readonly kind: "unknown";
  /** Its kind in the document. */
  readonly of: string;
}

export type Inline =
  | TextRun
  | { readonly kind: "mention"; readonly user: string }
  | { readonly kind: "math"; readonly latex: string }
  | LiveValue
  | Unknown;

export const LIST_STYLES = ["bullet", "ordered", "check"] as const;
export const CALLOUT_TONES = ["info", "success", "warning", "danger"] as const;
type CalloutTone = (typeof CALLOUT_TONES)[number];

export interface ListItem {
  readonly isChecked: boolean;
  readonly blocks: readonly Block[];
}

export interface TableCell {
  readonly isHeader: boolean;
  readonly nColumns: number;
  readonly nRows: number;
  /** Of its columns, px; null: as their texts. */
  readonly widthsPx: readonly number[] | null;
  readonly blocks: readonly Block[];
}

export interface Column {
  /** Its share of the width. */
  readonly share: number;
  readonly blocks: readonly Block[];
}

interface Heading {
  readonly kind: "heading";
  /** 1 … 6. */
  readonly level: number;
  readonly text: readonly Inline[];
}

export interface Image {
  readonly kind: "image";
  /** Hash of an image of the report; null: it is elsewhere. */
  readonly sha256: string | null;
  readonly url: string | null;
  readonly alt: string;
  readonly caption: string;
  readonly widthPx: number | null;
}

export const CARD_SUBJECTS = ["run", "runs", "metric", "artifact", "sweep", "table", "report"] as const;
type CardSubject = (typeof CARD_SUBJECTS)[number];

export interface Card {
  readonly kind: "card";
  /** Null: a subject that this page does not know. */
  readonly of: CardSubject | null;
  /** `entity/project`, and the thing's own name in it. */
  readonly path: string;
  /** Of a metric or a table: its name. */
  readonly key: string | null;
}

/** Runs of a project, as the list of a workspace chooses and orders them. */
export interface RunSet
  extends Pick<
    View,
    "filter" | "runSearch" | "isRunRegex" | "groupBy" | "order" | "baseline" | "colorBy" | "groupColors"
  > {
  readonly id: string;
  readonly name: string;
  /** `entity/project`; null: the report's own. */
  readonly project: string | null;
  /** Its runs are drawn when the report is opened. */
  readonly isShown: boolean;
  readonly selection: RunSelection;
  /** By run id. */
  readonly runColors: Readonly<Record<string, number>>;
}

/** Panels over sets of runs. */
export interface Grid {
  readonly kind: "grid";
  readonly runSets: readonly RunSet[];
  /** In order; their ids are unique in the report. */
  readonly panels: readonly Panel[];
  /** Panels of kinds that this page does not know. */
  readonly unknownPanels: readonly string[];
  readonly settings: Partial<PanelSettings>;
}

export type BlockContent =
  | { readonly kind: "paragraph"; readonly text: readonly Inline[] }
  | Heading
  | {
      readonly kind: "list";
      readonly style: (typeof LIST_STYLES)[number];
      readonly start: number;
      readonly items: readonly ListItem[];
    }
  | { readonly kind: "quote"; readonly blocks: readonly Block[] }
  | { readonly kind: "callout"; readonly tone: CalloutTone; readonly blocks: readonly Block[] }
  | { readonly kind: "code"; readonly language: string | null; readonly code: string }
  | { readonly kind: "table"; readonly rows: readonly (readonly TableCell[])[] }
  | {
      readonly kind: "collapsible";
      readonly isOpen: boolean;
      readonly summary: readonly Inline[];
      readonly blocks: readonly Block[];
    }
  | { readonly kind: "columns"; readonly columns: readonly Column[] }
  | { readonly kind: "divider" }
  | { readonly kind: "math"; readonly latex: string }
  | Image
  | { readonly kind: "video"; readonly url: string; readonly caption: string }
  | { readonly kind: "contents" }
  | Card
  | Grid
  | Unknown;

/** A block; its id is unique in the report. */
export type Block = BlockContent & { readonly id: string };

export const WIDTHS = ["readable", "fixed", "full"] as const;
type Width = (typeof WIDTHS)[number];

export interface ReportDocument {
  readonly title: string;
  readonly description: string;
  readonly width: Width;
  readonly blocks: readonly Block[];
}
