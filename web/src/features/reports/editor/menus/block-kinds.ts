/** All blocks that the `/` menu offers, with the words that find them. */

import type { Editor } from "@tiptap/core";
import { CALLOUT_TONES } from "@/data/report/document";
import { newId } from "../schema/fill";
import type { Session } from "../session";
import {
  insertColumns,
  insertDetails,
  insertDivider,
  insertInline,
  insertObject,
  insertTable,
} from "./commands";

export interface BlockKind {
  readonly label: string;
  readonly note: string;
  /** Two letters for a picture. */
  readonly sign: string;
  /** Other words that find it. */
  readonly words?: string;
  /** The signs that do the same while one types. */
  readonly typed?: string;
  insert(editor: Editor, session: Session): void;
}

function heading(level: number): BlockKind {
  return {
    label: `Heading ${level}`,
    note: ["A part of the report", "A section", "A smaller section"][level - 1] ?? "",
    sign: `H${level}`,
    words: "title",
    typed: `${"#".repeat(level)} `,
    insert: (editor) => editor.chain().focus().setNode("heading", { level }).run(),
  };
}

const CALLOUT_LABELS = { info: "Note", success: "Success", warning: "Warning", danger: "Danger" } as const;

const BLOCK_KINDS: readonly BlockKind[] = [
  {
    label: "Panel grid",
    note: "Charts over runs, with their own filter",
    sign: "▦",
    words: "chart plot line metric graph panels runs",
    insert: (editor, session) =>
      insertObject(editor, session, "grid", { runSets: { [newId()]: { name: "" } }, panels: {} }),
  },
  {
    label: "Text",
    note: "A paragraph",
    sign: "¶",
    words: "paragraph plain",
    insert: (editor) => editor.chain().focus().setNode("paragraph").run(),
  },
  heading(1),
  heading(2),
  heading(3),
  {
    label: "Bulleted list",
    note: "Points",
    sign: "•",
    words: "unordered ul",
    typed: "- ",
    insert: (editor) => editor.chain().focus().toggleBulletList().run(),
  },
  {
    label: "Numbered list",
    note: "Steps",
    sign: "1.",
    words: "ordered ol",
    typed: "1. ",
    insert: (editor) => editor.chain().focus().toggleOrderedList().run(),
  },
  {
    label: "Check list",
    note: "What is to be done",
    sign: "☑",
    words: "todo task",
    typed: "[ ] ",
    insert: (editor) => editor.chain().focus().toggleTaskList().run(),
  },
  {
    label: "Table",
    note: "Rows and columns of text",
    sign: "⊞",
    insert: insertTable,
  },
  {
    label: "Code",
    note: "With the colors of its language",
    sign: "{}",
    words: "pre program snippet",
    typed: "```",
    insert: (editor) => editor.chain().focus().setNode("codeBlock").run(),
  },
  {
    label: "Formula",
    note: "LaTeX on its own line",
    sign: "∑",
    words: "latex math equation",
    insert: (editor, session) => insertObject(editor, session, "math", { latex: "" }),
  },
  {
    label: "Formula in the line",
    note: "LaTeX among the words",
    sign: "x²",
    words: "latex math equation inline",
    insert: (editor) => insertInline(editor, "math", { latex: "" }, true),
  },
  {
    label: "Value of a run",
    note: "A number that stays up to date",
    sign: "#",
    words: "metric summary live number inline",
    insert: (editor) => insertInline(editor, "value", { run: "", key: "" }, true),
  },
  {
    label: "Card",
    note: "A run, artifact, sweep or report",
    sign: "▭",
    words: "run artifact sweep table report metric link",
    insert: (editor, session) => insertObject(editor, session, "card", { of: "run", path: "" }),
  },
  {
    label: "Image",
    note: "A file, or by its address",
    sign: "▣",
    words: "picture photo screenshot file upload",
    insert: (editor, session) => insertObject(editor, session, "image", { url: "", alt: "", caption: "" }),
  },
  {
    label: "Video",
    note: "A link to it",
    sign: "▷",
    insert: (editor, session) => insertObject(editor, session, "video", { url: "", caption: "" }),
  },
  {
    label: "Quote",
    note: "Someone else's words",
    sign: "❝",
    words: "blockquote",
    typed: "> ",
    insert: (editor) => editor.chain().focus().toggleWrap("blockquote").run(),
  },
  ...CALLOUT_TONES.map(
    (tone): BlockKind => ({
      label: tone === "info" ? "Callout" : `Callout: ${CALLOUT_LABELS[tone].toLowerCase()}`,
      note: CALLOUT_LABELS[tone],
      sign: tone === "info" ? "i" : tone === "success" ? "✓" : "!",
      words: `box ${tone} note tip`,
      insert: (editor) => editor.chain().focus().toggleWrap("callout", { tone }).run(),
    }),
  ),
  {
    label: "Collapsible section",
    note: "Closed until a reader opens it",
    sign: "▸",
    words: "details toggle fold",
    insert: insertDetails,
  },
  { label: "Columns", note: "Side by side", sign: "▥", words: "layout", insert: insertColumns },
  {
    label: "Divider",
    note: "A line",
    sign: "—",
    words: "rule hr separator",
    typed: "---",
    insert: insertDivider,
  },
  {
    label: "Table of contents",
    note: "The headings of the report",
    sign: "≡",
    words: "toc outline",
    insert: (editor, session) => insertObject(editor, session, "contents", {}),
  },
];

/** Those that have all words of a query; first those whose name begins with it. */
export function findKinds(query: string): readonly BlockKind[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const [first = ""] = words;
  return BLOCK_KINDS.filter(({ label, words: more = "" }) => {
    const text = `${label} ${more}`.toLowerCase();
    return words.every((word) => text.includes(word));
  }).sort((a, b) => rank(a, first) - rank(b, first));
}

function rank({ label }: BlockKind, word: string): number {
  const name = label.toLowerCase();
  return name.startsWith(word) ? 0 : name.includes(word) ? 1 : 2;
}
