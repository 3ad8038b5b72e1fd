/** Text of Markdown in one block: characters with marks, line breaks, formulas. Pure. */

import type { JSONContent } from "@tiptap/core";
import type { PhrasingContent } from "mdast";
import { isSafeLink } from "../schema/marks";

type MarkJSON = NonNullable<JSONContent["marks"]>[number];

const MARKS: Readonly<Record<string, string>> = { strong: "bold", emphasis: "italic", delete: "strike" };

/** Marks that have no sign in Markdown, or where a sign would be text. */
const TAGS: Readonly<Record<string, string>> = {
  b: "bold",
  strong: "bold",
  i: "italic",
  em: "italic",
  s: "strike",
  del: "strike",
  u: "underline",
  code: "code",
  mark: "highlight",
  sup: "superscript",
  sub: "subscript",
};
const TAG = /^<(\/?)(\w+)\s*\/?>$/;

/** @param source the Markdown that the nodes were read from */
export function textOf(
  nodes: readonly PhrasingContent[],
  source: string,
  marks: readonly MarkJSON[] = [],
): JSONContent[] {
  let open: readonly MarkJSON[] = [];
  return nodes.flatMap((node, at) => {
    const all = [...marks, ...open];
    if (node.type === "html") {
      const tag = tagOf(node.value);
      if (tag?.name === "br") return [{ type: "hardBreak" }];
      const type = tag && TAGS[tag.name];
      const isPaired =
        tag?.isEnd === true
          ? open.some((mark) => mark.type === type)
          : tag !== null && hasEnd(nodes.slice(at + 1), tag.name);
      if (!type || !isPaired) return piece(node.value, all);
      open = tag?.isEnd ? open.filter((mark) => mark.type !== type) : [...open, { type }];
      return [];
    }
    return pieceOf(node, source, all);
  });
}

function pieceOf(node: PhrasingContent, source: string, marks: readonly MarkJSON[]): JSONContent[] {
  const mark = MARKS[node.type];
  if (mark && "children" in node) return textOf(node.children, source, [...marks, { type: mark }]);
  switch (node.type) {
    case "text":
      return piece(node.value.replaceAll("\n", " "), marks);
    case "inlineCode":
      return piece(node.value, [...marks, { type: "code" }]);
    case "inlineMath": {
      const { start, end } = node.position!;
      const written = source.slice(start.offset, end.offset);
      if (isPrice(written, source.slice(end.offset))) return piece(written, marks);
      return [{ type: "inline", attrs: { kind: "math", data: { latex: node.value } } }];
    }
    case "break":
      return [{ type: "hardBreak" }];
    case "link":
      return textOf(
        node.children,
        source,
        isSafeLink(node.url) ? [...marks, { type: "link", attrs: { href: node.url } }] : marks,
      );
    case "image":
      return [];
    default:
      return piece("value" in node ? String(node.value) : "", marks);
  }
}

function tagOf(html: string): { readonly name: string; readonly isEnd: boolean } | null {
  const [, slash, name] = TAG.exec(html) ?? [];
  return name ? { name: name.toLowerCase(), isEnd: slash === "/" } : null;
}

function hasEnd(nodes: readonly PhrasingContent[], name: string): boolean {
  return nodes.some(
    (node) => node.type === "html" && tagOf(node.value)?.isEnd && tagOf(node.value)?.name === name,
  );
}

/** A formula in single dollars has no space inside of them and no letter or digit after them. */
function isPrice(written: string, after: string): boolean {
  return !written.startsWith("$$") && (/^\$\s|\s\$$/.test(written) || /^\w/.test(after));
}

function piece(text: string, marks: readonly MarkJSON[]): JSONContent[] {
  return text === "" ? [] : [{ type: "text", text, ...(marks.length > 0 && { marks: [...marks] }) }];
}
