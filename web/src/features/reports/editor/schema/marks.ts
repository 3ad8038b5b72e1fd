/** Marks of characters: how they look, their link, and what weft does not know of them. */

import { Mark, markInputRule, markPasteRule } from "@tiptap/core";
import type { Mark as MarkName } from "@/data/report/document";

interface Look {
  readonly tags: readonly string[];
  readonly keys?: string;
  /** The pattern that a person types for it; its group are the characters. */
  readonly typed?: RegExp;
}

/** As in Markdown: the sign, no space, the characters, the sign. */
const LOOKS: Readonly<Record<MarkName, Look>> = {
  bold: { tags: ["b", "strong"], keys: "Mod-b", typed: /(?:^|\s)(\*\*(?!\s)([^*]+)(?<!\s)\*\*)$/ },
  italic: { tags: ["i", "em"], keys: "Mod-i", typed: /(?:^|[\s(])([*_](?![\s*_])([^*_]+)(?<!\s)[*_])$/ },
  underline: { tags: ["u"], keys: "Mod-u" },
  strike: { tags: ["s", "del", "strike"], keys: "Mod-Shift-s", typed: /(?:^|\s)(~~(?!\s)([^~]+)(?<!\s)~~)$/ },
  code: { tags: ["code"], keys: "Mod-e", typed: /(?:^|[\s(])(`([^`]+)`)$/ },
  highlight: { tags: ["mark"], keys: "Mod-Shift-h", typed: /(?:^|\s)(==(?!\s)([^=]+)(?<!\s)==)$/ },
  superscript: { tags: ["sup"], keys: "Mod-." },
  subscript: { tags: ["sub"], keys: "Mod-," },
};

export const LOOK_MARKS = Object.entries(LOOKS).map(([name, { tags, keys, typed }]) =>
  Mark.create({
    name,
    parseHTML: () =>
      tags.map((tag) => ({
        tag,
        // editors of other programs write normal text so
        getAttrs: (element: HTMLElement) => (/^(normal|400)$/.test(element.style.fontWeight) ? false : null),
      })),
    renderHTML: ({ HTMLAttributes }) => [tags[0]!, HTMLAttributes, 0],
    addKeyboardShortcuts() {
      return keys ? { [keys]: () => this.editor.commands.toggleMark(this.name) } : {};
    },
    addInputRules() {
      return typed ? [markInputRule({ find: typed, type: this.type })] : [];
    },
  }),
);

/** As the server's: none of them runs a script. */
const SAFE_LINK = /^(https?:|mailto:|#|\/(?!\/))/i;

export function isSafeLink(url: string): boolean {
  return SAFE_LINK.test(url) && url.length <= 2048;
}

const TYPED_URL = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?')\]]/g;

export const Link = Mark.create({
  name: "link",
  priority: 1100,
  inclusive: false,
  addAttributes: () => ({ href: { default: null } }),
  parseHTML: () => [
    {
      tag: "a[href]",
      getAttrs: (element: HTMLElement) => {
        const href = element.getAttribute("href") ?? "";
        return isSafeLink(href) ? { href } : false;
      },
    },
  ],
  renderHTML: ({ HTMLAttributes: { href } }) => [
    "a",
    isSafeLink(String(href)) ? { href, rel: "noopener noreferrer" } : {},
    0,
  ],
  addPasteRules() {
    return [
      markPasteRule({
        find: (text) =>
          [...text.matchAll(TYPED_URL)].map((match) => ({ index: match.index, text: match[0], data: {} })),
        type: this.type,
        getAttributes: (match) => ({ href: match[0] ?? "" }),
      }),
    ];
  },
});

/** Members of a run of text that weft does not know. */
export const Span = Mark.create({
  name: "span",
  inclusive: false,
  addAttributes: () => ({ data: { default: null, rendered: false } }),
  renderHTML: () => ["span", 0],
});
