/** Markdown as content of the editor. Loaded with the first paste of it. */

import type { JSONContent } from "@tiptap/core";
import type { Blockquote, Image, List, ListItem, Paragraph, RootContent, Table } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { mathFromMarkdown } from "mdast-util-math";
import { gfm } from "micromark-extension-gfm";
import { math } from "micromark-extension-math";
import { isSafeLink } from "../schema/marks";
import { textOf } from "./markdown-text";

/** Makes the block of an object, such as an image or a formula. */
export type ObjectOf = (kind: string, members: Readonly<Record<string, unknown>>) => JSONContent;

export function contentOfMarkdown(text: string, objectOf: ObjectOf): JSONContent[] {
  return new Reader(text, objectOf).content();
}

/** GitHub's alerts. */
const TONES: Readonly<Record<string, string>> = {
  NOTE: "info",
  IMPORTANT: "info",
  TIP: "success",
  WARNING: "warning",
  CAUTION: "danger",
};
const ALERT = /^\[!(\w+)\]\s*(\n|$)/;
const DETAILS = /^<details(\s+open)?\s*>\s*(?:<summary>([\s\S]*?)<\/summary>\s*)?$/i;
const DETAILS_END = /^\s*<\/details>\s*$/i;
/** An item of a list of checks that has no text, which is no check in Markdown. */
const EMPTY_CHECK = /^\[([ xX])\]$/;

class Reader {
  readonly #source: string;
  readonly #objectOf: ObjectOf;

  constructor(source: string, objectOf: ObjectOf) {
    this.#source = source;
    this.#objectOf = objectOf;
  }

  content(): JSONContent[] {
    const tree = fromMarkdown(this.#source, {
      extensions: [gfm(), math()],
      mdastExtensions: [gfmFromMarkdown(), mathFromMarkdown()],
    });
    return this.#blocks(tree.children);
  }

  #blocks(nodes: readonly RootContent[]): JSONContent[] {
    const blocks: JSONContent[] = [];
    for (let at = 0; at < nodes.length; at++) {
      const node = nodes[at]!;
      const section = node.type === "html" ? DETAILS.exec(node.value) : null;
      const end = section ? endOfDetails(nodes, at) : -1;
      if (section && end !== -1) {
        blocks.push(this.#details(section, nodes.slice(at + 1, end)));
        at = end;
      } else blocks.push(...this.#block(node));
    }
    return blocks;
  }

  /** At least a paragraph, for what needs one. */
  #filled(nodes: readonly RootContent[]): JSONContent[] {
    const blocks = this.#blocks(nodes);
    return blocks.length > 0 ? blocks : [{ type: "paragraph" }];
  }

  #block(node: RootContent): JSONContent[] {
    switch (node.type) {
      case "heading":
        return [
          { type: "heading", attrs: { level: node.depth }, content: textOf(node.children, this.#source) },
        ];
      case "paragraph":
        return this.#paragraph(node);
      case "blockquote":
        return [this.#callout(node) ?? { type: "blockquote", content: this.#filled(node.children) }];
      case "code":
        return [
          {
            type: "codeBlock",
            attrs: { language: node.lang || null },
            ...(node.value && { content: [{ type: "text", text: node.value }] }),
          },
        ];
      case "math":
        return [this.#objectOf("math", { latex: node.value })];
      case "list":
        return [this.#list(node)];
      case "thematicBreak":
        return [{ type: "horizontalRule" }];
      case "table":
        return [this.#table(node)];
      default: {
        // HTML, footnotes: their text
        const text = "value" in node ? String(node.value) : "";
        return text ? [{ type: "paragraph", content: [{ type: "text", text }] }] : [];
      }
    }
  }

  #paragraph({ children }: Paragraph): JSONContent[] {
    const [first, lineBreak, caption, ...rest] = children;
    if (
      first?.type === "image" &&
      lineBreak?.type === "break" &&
      caption?.type === "emphasis" &&
      rest.length === 0
    )
      return this.#image(first, plainText(textOf(caption.children, this.#source)));
    const images = children.flatMap((child) => (child.type === "image" ? this.#image(child, "") : []));
    const content = textOf(children, this.#source);
    const isText = content.some(({ text = "x" }) => text.trim() !== "");
    return [...(isText || images.length === 0 ? [{ type: "paragraph", content }] : []), ...images];
  }

  #image({ url, alt }: Image, caption: string): JSONContent[] {
    if (!isSafeLink(url)) return [];
    return [this.#objectOf("image", { url, alt: alt ?? "", ...(caption && { caption }) })];
  }

  /** Null: it is a quote. */
  #callout({ children }: Blockquote): JSONContent | null {
    const [first, ...others] = children;
    if (first?.type !== "paragraph") return null;
    const [text, ...rest] = first.children;
    const [sign, word = ""] = (text?.type === "text" && ALERT.exec(text.value)) || [];
    const tone = TONES[word.toUpperCase()];
    // an escaped bracket is a text
    if (text?.type !== "text" || !sign || !tone || this.#source[text.position!.start.offset!] !== "[")
      return null;
    const value = text.value.slice(sign.length);
    // a line that begins with another thing than text ends after the sign
    const inner = [...(value ? [{ ...text, value }] : []), ...rest];
    const blocks = inner.length > 0 ? [{ ...first, children: inner }, ...others] : others;
    return { type: "callout", attrs: { tone }, content: this.#filled(blocks) };
  }

  #details([, open, summary = ""]: RegExpExecArray, nodes: readonly RootContent[]): JSONContent {
    const [title] = contentOfMarkdown(summary.trim(), this.#objectOf);
    return {
      type: "details",
      attrs: { open: open === undefined ? null : true },
      content: [
        { type: "detailsSummary", content: title?.type === "paragraph" ? (title.content ?? []) : [] },
        { type: "detailsContent", content: this.#filled(nodes) },
      ],
    };
  }

  #list({ children, ordered, start }: List): JSONContent {
    const isCheck = !ordered && children.some((item) => checkOf(item) !== null);
    const type = isCheck ? "taskList" : ordered ? "orderedList" : "bulletList";
    return {
      type,
      ...(type === "orderedList" && typeof start === "number" && start !== 1 && { attrs: { start } }),
      content: children.map((item) => ({
        type: isCheck ? "taskItem" : "listItem",
        ...(isCheck && { attrs: { checked: checkOf(item) === true } }),
        content: this.#filled(isCheck && isEmptyCheck(item) ? item.children.slice(1) : item.children),
      })),
    };
  }

  #table({ children }: Table): JSONContent {
    return {
      type: "table",
      content: children.map((row, i) => ({
        type: "tableRow",
        content: row.children.map((cell) => ({
          type: i === 0 ? "tableHeader" : "tableCell",
          content: [{ type: "paragraph", content: textOf(cell.children, this.#source) }],
        })),
      })),
    };
  }
}

/** The index of the tag that ends a section; -1: none does. */
function endOfDetails(nodes: readonly RootContent[], from: number): number {
  let depth = 0;
  for (let at = from; at < nodes.length; at++) {
    const node = nodes[at]!;
    if (node.type !== "html") continue;
    if (DETAILS.test(node.value)) depth++;
    else if (DETAILS_END.test(node.value) && --depth === 0) return at;
  }
  return -1;
}

/** Null: the item is not of a list of checks. */
function checkOf(item: ListItem): boolean | null {
  if (typeof item.checked === "boolean") return item.checked;
  const sign = emptyCheck(item);
  return sign === undefined ? null : sign !== " ";
}

function isEmptyCheck(item: ListItem): boolean {
  return typeof item.checked !== "boolean" && emptyCheck(item) !== undefined;
}

function emptyCheck({ children: [first] }: ListItem): string | undefined {
  const only = first?.type === "paragraph" && first.children.length === 1 ? first.children[0] : null;
  return only?.type === "text" ? EMPTY_CHECK.exec(only.value)?.[1] : undefined;
}

function plainText(content: readonly JSONContent[]): string {
  return content.map(({ text = " " }) => text).join("");
}
