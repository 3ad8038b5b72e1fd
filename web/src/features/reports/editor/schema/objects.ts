/** The two nodes that stand for all that is not text: a block, and an object in a line. */

import { mergeAttributes, Node } from "@tiptap/core";
import { ReactNodeViewRenderer } from "@tiptap/react";
import { InlineView } from "../objects/inline-view";
import { ObjectView } from "../objects/object-view";
import { viewAttributes } from "./view-attributes";

/** Its members are in a map of the document, by its id. */
export const ObjectBlock = Node.create({
  name: "block",
  group: "flow",
  atom: true,
  selectable: true,
  draggable: false,
  addAttributes: () => ({
    kind: {
      default: null,
      parseHTML: (element: HTMLElement) => element.dataset.object ?? null,
      renderHTML: ({ kind }) => ({ "data-object": kind }),
    },
  }),
  parseHTML: () => [{ tag: "div[data-object]" }],
  renderHTML: ({ HTMLAttributes }) => ["div", mergeAttributes(HTMLAttributes)],
  addNodeView: () =>
    ReactNodeViewRenderer(ObjectView, {
      attrs: viewAttributes,
      // its fields and panels are the person's, not the text's
      stopEvent: ({ event }) => !/^(drag|drop|mousedown)/.test(event.type) || isInside(event),
      ignoreMutation: () => true,
    }),
});

/** Whether a press is for what is drawn in the block, and not to select it. */
function isInside(event: Event): boolean {
  return (
    event.target instanceof Element &&
    event.target.closest("button, a, input, textarea, select, canvas, [role=dialog], .report-grid") !== null
  );
}

export const ObjectInline = Node.create({
  name: "inline",
  group: "phrase",
  inline: true,
  atom: true,
  selectable: true,
  addAttributes: () => ({
    kind: {
      default: null,
      parseHTML: (element: HTMLElement) => element.dataset.inline ?? null,
      renderHTML: ({ kind }) => ({ "data-inline": kind }),
    },
    data: {
      default: null,
      parseHTML: (element: HTMLElement) => dataOf(element.dataset.members),
      renderHTML: ({ data }) => ({ "data-members": JSON.stringify(data ?? {}) }),
    },
  }),
  parseHTML: () => [{ tag: "span[data-inline]" }],
  renderHTML: ({ HTMLAttributes }) => ["span", HTMLAttributes],
  renderText: ({ node }) => textOf(node.attrs.data),
  addNodeView: () => ReactNodeViewRenderer(InlineView, { as: "span" }),
});

/** Members that were copied; null: none. */
export function dataOf(json: string | undefined): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json ?? "");
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function textOf(data: unknown): string {
  const { user, latex, key } = (data ?? {}) as { user?: unknown; latex?: unknown; key?: unknown };
  if (typeof user === "string") return `@${user}`;
  return typeof latex === "string" ? latex : typeof key === "string" ? key : "";
}
