/**
 * What is added to this page's own changes: ids of blocks, and a paragraph in containers that are empty.
 *
 * A copy gets an id of its own, and the members of an object are copied with it. Other people's changes are left alone.
 */

import { Extension } from "@tiptap/core";
import type { Node as ProseNode } from "@tiptap/pm/model";
import { type EditorState, Plugin, type Transaction } from "@tiptap/pm/state";
import { ySyncPluginKey } from "y-prosemirror";

const CONTAINERS = new Set([
  "blockquote",
  "callout",
  "listItem",
  "taskItem",
  "tableCell",
  "tableHeader",
  "detailsContent",
  "column",
]);

const OBJECT = "block";

export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) =>
    byte.toString(36).padStart(2, "0"),
  ).join("");
}

interface FillOptions {
  /** Gives a copied object the members of the original. */
  onCopy(kind: string, from: string, to: string): void;
}

/** `id` of each node, and `extra`: its members that weft does not know. */
export const Fill = Extension.create<FillOptions>({
  name: "fill",
  addOptions: () => ({ onCopy: () => {} }),
  addGlobalAttributes() {
    const types = this.extensions
      .filter(
        ({ type, name }) => type === "node" && name !== "text" && name !== "doc" && name !== "hardBreak",
      )
      .map(({ name }) => name);
    return [
      {
        types,
        attributes: {
          id: {
            default: null,
            keepOnSplit: false,
            parseHTML: (element) => idOf(element.dataset.id),
            renderHTML: ({ id }) => (id ? { id, "data-id": id } : {}),
          },
          extra: { default: null, keepOnSplit: false, rendered: false },
        },
      },
    ];
  },
  addProseMirrorPlugins() {
    return [fill(this.options.onCopy)];
  },
});

function idOf(text: string | undefined): string | null {
  return text !== undefined && /^[\w-]{1,64}$/.test(text) ? text : null;
}

function fill(onCopy: FillOptions["onCopy"]): Plugin {
  return new Plugin({
    appendTransaction: (transactions, before, state) => {
      const isOwn = transactions.some((tr) => tr.docChanged && !tr.getMeta(ySyncPluginKey)?.isChangeOrigin);
      return isOwn ? filled(before.doc, state, onCopy) : null;
    },
  });
}

/** The ids of objects in a top-level node, which does not change. */
const innerIds = new WeakMap<ProseNode, readonly string[]>();

function objectIdsIn(node: ProseNode): readonly string[] {
  let ids = innerIds.get(node);
  if (!ids) {
    const list: string[] = [];
    if (!node.isTextblock)
      node.descendants((child) => {
        if (child.type.name === OBJECT && child.attrs.id) list.push(child.attrs.id);
        return !child.isTextblock;
      });
    ids = list;
    innerIds.set(node, ids);
  }
  return ids;
}

/** Null: nothing is missing. */
export function filled(
  before: ProseNode | null,
  state: EditorState,
  onCopy: FillOptions["onCopy"],
): Transaction | null {
  const old = new Set<ProseNode>();
  before?.forEach((node) => void old.add(node));
  const used = new Set<string>();
  // what was there before keeps its id, also where a copy is put before it
  state.doc.forEach((node) => {
    if (!old.has(node)) return;
    if (node.attrs.id) used.add(node.attrs.id);
    for (const id of objectIdsIn(node)) used.add(id);
  });
  const { tr } = state;
  const give = (node: ProseNode, pos: number) => {
    const { id, kind } = node.attrs as { id: string | null; kind?: string };
    if (id !== null && !used.has(id)) {
      used.add(id);
      return;
    }
    const next = newId();
    used.add(next);
    if (id !== null && node.type.name === OBJECT) onCopy(String(kind), id, next);
    tr.setNodeAttribute(pos, "id", next);
  };
  const empty: number[] = [];
  state.doc.forEach((node, pos) => {
    if (old.has(node)) {
      if (node.attrs.id === null) give(node, pos);
      return;
    }
    give(node, pos);
    if (node.isTextblock) return;
    if (lacksParagraph(node)) empty.push(pos + 1);
    node.descendants((child, offset) => {
      const at = pos + 1 + offset;
      if (child.type.name === OBJECT) give(child, at);
      if (lacksParagraph(child)) empty.push(at + 1);
      return !child.isTextblock;
    });
  });
  const paragraph = state.schema.nodes.paragraph;
  if (paragraph) for (const pos of empty.reverse()) tr.insert(pos, paragraph.create());
  return tr.docChanged ? tr : null;
}

function lacksParagraph(node: ProseNode): boolean {
  return node.childCount === 0 && CONTAINERS.has(node.type.name);
}
