import type { Node as ProseNode } from "@tiptap/pm/model";

/** Attributes of the element around a node that React draws: links to a block lead to it. */
export function viewAttributes({ node }: { readonly node: ProseNode }): Record<string, string> {
  const { id } = node.attrs as { id?: string | null };
  return { "data-kind": node.type.name, ...(id && { id }) };
}
