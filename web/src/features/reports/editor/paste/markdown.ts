/** Markdown as content of the editor. Loaded with the first paste of it. */

import type { JSONContent } from "@tiptap/core";
import type { List, Nodes, PhrasingContent, RootContent } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { isSafeLink } from "../schema/marks";

/** An image of a text: it becomes a block. */
export interface PastedImage {
  readonly url: string;
  readonly alt: string;
}

/** @param imageOf makes the block of an image */
export function contentOfMarkdown(text: string, imageOf: (image: PastedImage) => JSONContent): JSONContent[] {
  const tree = fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  return blocksOf(tree.children, imageOf);
}

type ImageOf = (image: PastedImage) => JSONContent;

function blocksOf(nodes: readonly RootContent[], imageOf: ImageOf): JSONContent[] {
  return nodes.flatMap((node) => blockOf(node, imageOf));
}

/** At least a paragraph, for what needs one. */
function filled(content: JSONContent[]): JSONContent[] {
  return content.length > 0 ? content : [{ type: "paragraph" }];
}

function blockOf(node: RootContent, imageOf: ImageOf): JSONContent[] {
  switch (node.type) {
    case "heading":
      return [{ type: "heading", attrs: { level: node.depth }, content: textOf(node.children, []) }];
    case "paragraph": {
      const images = node.children.flatMap((child) =>
        child.type === "image" && isSafeLink(child.url)
          ? [imageOf({ url: child.url, alt: child.alt ?? "" })]
          : [],
      );
      const content = textOf(node.children, []);
      const isText = content.some(({ text = "x" }) => text.trim() !== "");
      return [...(isText || images.length === 0 ? [{ type: "paragraph", content }] : []), ...images];
    }
    case "blockquote":
      return [{ type: "blockquote", content: filled(blocksOf(node.children, imageOf)) }];
    case "code":
      return [
        {
          type: "codeBlock",
          attrs: { language: node.lang || null },
          ...(node.value && { content: [{ type: "text", text: node.value }] }),
        },
      ];
    case "list":
      return [listOf(node, imageOf)];
    case "thematicBreak":
      return [{ type: "horizontalRule" }];
    case "table":
      return [
        {
          type: "table",
          content: node.children.map((row, i) => ({
            type: "tableRow",
            content: row.children.map((cell) => ({
              type: i === 0 ? "tableHeader" : "tableCell",
              content: [{ type: "paragraph", content: textOf(cell.children, []) }],
            })),
          })),
        },
      ];
    default: {
      // HTML, footnotes: their text
      const text = "value" in node ? String(node.value) : "";
      return text ? [{ type: "paragraph", content: [{ type: "text", text }] }] : [];
    }
  }
}

function listOf({ children, ordered, start }: List, imageOf: ImageOf): JSONContent {
  const isCheck = children.some(({ checked }) => typeof checked === "boolean");
  const type = isCheck ? "taskList" : ordered ? "orderedList" : "bulletList";
  return {
    type,
    ...(type === "orderedList" && start && start !== 1 && { attrs: { start } }),
    content: children.map((item) => ({
      type: isCheck ? "taskItem" : "listItem",
      ...(isCheck && { attrs: { checked: item.checked === true } }),
      content: filled(blocksOf(item.children, imageOf)),
    })),
  };
}

type MarkJSON = NonNullable<JSONContent["marks"]>[number];

const MARKS: Readonly<Record<string, string>> = { strong: "bold", emphasis: "italic", delete: "strike" };

function textOf(nodes: readonly PhrasingContent[], marks: readonly MarkJSON[]): JSONContent[] {
  return nodes.flatMap((node) => {
    const mark = MARKS[node.type];
    if (mark && "children" in node)
      return textOf(node.children as PhrasingContent[], [...marks, { type: mark }]);
    switch (node.type) {
      case "text":
        return piece(node.value.replaceAll("\n", " "), marks);
      case "inlineCode":
        return piece(node.value, [...marks, { type: "code" }]);
      case "break":
        return [{ type: "hardBreak" }];
      case "link":
        return textOf(
          node.children,
          isSafeLink(node.url) ? [...marks, { type: "link", attrs: { href: node.url } }] : marks,
        );
      case "image":
        return [];
      default:
        return piece(plainOf(node), marks);
    }
  });
}

function plainOf(node: Nodes): string {
  return "value" in node ? String(node.value) : "";
}

function piece(text: string, marks: readonly MarkJSON[]): JSONContent[] {
  return text === "" ? [] : [{ type: "text", text, ...(marks.length > 0 && { marks: [...marks] }) }];
}
