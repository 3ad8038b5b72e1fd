/**
 * Nodes of text: paragraphs, headings, quotes, callouts, dividers.
 *
 * What a node may hold is wide on purpose: a node that the schema refuses is removed from the document for everyone. So
 * containers may be empty, and `fill.ts` gives those that this page makes a paragraph. The groups are `flow` and `phrase`, as
 * two nodes have the names `block` and `inline`, which would stand for them alone.
 */

import {
  mergeAttributes,
  Node,
  nodeInputRule,
  textblockTypeInputRule,
  wrappingInputRule,
} from "@tiptap/core";
import { ReactNodeViewRenderer } from "@tiptap/react";
import { CALLOUT_TONES } from "@/data/report/document";
import { CalloutView } from "../objects/callout-view";
import { viewAttributes } from "./view-attributes";

export const Document = Node.create({ name: "doc", topNode: true, content: "flow+" });

export const Text = Node.create({ name: "text", group: "phrase" });

export const Paragraph = Node.create({
  name: "paragraph",
  // the first of its group is what a new block is
  priority: 1000,
  group: "flow",
  content: "phrase*",
  parseHTML: () => [{ tag: "p" }],
  renderHTML: ({ HTMLAttributes }) => ["p", HTMLAttributes, 0],
  addKeyboardShortcuts() {
    return { "Mod-Alt-0": () => this.editor.commands.setNode(this.name) };
  },
});

const LEVELS = [1, 2, 3, 4, 5, 6] as const;

export const Heading = Node.create({
  name: "heading",
  group: "flow",
  content: "phrase*",
  defining: true,
  addAttributes: () => ({
    level: {
      default: 1,
      parseHTML: (element: HTMLElement) =>
        Number(element.dataset.level) || Number(element.tagName.slice(1)) || 1,
      renderHTML: ({ level }) => ({ "data-level": level }),
    },
  }),
  parseHTML: () => LEVELS.map((level) => ({ tag: `h${level}` })),
  // the title of the report is the page's first heading
  renderHTML: ({ node, HTMLAttributes }) => [
    `h${Math.min(6, Number(node.attrs.level) + 1)}`,
    HTMLAttributes,
    0,
  ],
  addKeyboardShortcuts() {
    return Object.fromEntries(
      LEVELS.map((level) => [
        `Mod-Alt-${level}`,
        () => this.editor.commands.toggleNode(this.name, "paragraph", { level }),
      ]),
    );
  },
  addInputRules() {
    return [
      textblockTypeInputRule({
        find: /^(#{1,6})\s$/,
        type: this.type,
        getAttributes: (match) => ({ level: match[1]?.length }),
      }),
    ];
  },
});

export const Quote = Node.create({
  name: "blockquote",
  group: "flow",
  content: "flow*",
  defining: true,
  parseHTML: () => [{ tag: "blockquote" }],
  renderHTML: ({ HTMLAttributes }) => ["blockquote", HTMLAttributes, 0],
  addInputRules() {
    return [wrappingInputRule({ find: /^\s*>\s$/, type: this.type })];
  },
  addKeyboardShortcuts() {
    return { "Mod-Shift-b": () => this.editor.commands.toggleWrap(this.name) };
  },
});

export const Callout = Node.create({
  name: "callout",
  group: "flow",
  content: "flow*",
  defining: true,
  addAttributes: () => ({
    tone: {
      default: CALLOUT_TONES[0],
      parseHTML: (element: HTMLElement) => element.dataset.tone ?? CALLOUT_TONES[0],
      renderHTML: ({ tone }) => ({ "data-tone": tone }),
    },
  }),
  parseHTML: () => [{ tag: "div[data-tone]" }],
  renderHTML: ({ HTMLAttributes }) => ["div", mergeAttributes({ class: "callout" }, HTMLAttributes), 0],
  addNodeView: () => ReactNodeViewRenderer(CalloutView, { attrs: viewAttributes }),
});

export const Divider = Node.create({
  name: "horizontalRule",
  group: "flow",
  parseHTML: () => [{ tag: "hr" }],
  renderHTML: ({ HTMLAttributes }) => ["hr", HTMLAttributes],
  addInputRules() {
    return [nodeInputRule({ find: /^(?:---|—-|___\s|\*\*\*\s)$/, type: this.type })];
  },
});

export const LineBreak = Node.create({
  name: "hardBreak",
  group: "phrase",
  inline: true,
  selectable: false,
  linebreakReplacement: true,
  parseHTML: () => [{ tag: "br" }],
  renderHTML: () => ["br"],
  renderText: () => "\n",
  addKeyboardShortcuts() {
    const insert = () =>
      this.editor.commands.first(({ commands }) => [
        () => commands.exitCode(),
        () => commands.insertContent({ type: this.name }),
      ]);
    return { "Shift-Enter": insert, "Mod-Enter": insert };
  },
});
