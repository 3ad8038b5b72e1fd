/** Small aids of writing: hints in empty blocks, the line where something is dropped, carets between blocks. */

import { Extension } from "@tiptap/core";
import { dropCursor } from "@tiptap/pm/dropcursor";
import { gapCursor } from "@tiptap/pm/gapcursor";
import type { Node as ProseNode } from "@tiptap/pm/model";
import { Plugin } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";

export const Dropcursor = Extension.create({
  name: "dropCursor",
  addProseMirrorPlugins: () => [dropCursor({ color: false, class: "drop-line", width: 2 })],
});

export const Gapcursor = Extension.create({
  name: "gapCursor",
  addProseMirrorPlugins: () => [gapCursor()],
});

/** A hint where the caret is in an empty block, and where the report is empty. */
export const Placeholder = Extension.create({
  name: "placeholder",
  addProseMirrorPlugins: () => [
    new Plugin({
      props: {
        decorations: ({ doc, selection }) => {
          const { $head, empty } = selection;
          const { parent } = $head;
          if (!empty || !parent.isTextblock || parent.content.size > 0) {
            const first = doc.firstChild;
            if (doc.childCount !== 1 || !first?.isTextblock || first.content.size > 0) return null;
            return DecorationSet.create(doc, [hint(0, first)]);
          }
          return DecorationSet.create(doc, [hint($head.before(), parent)]);
        },
      },
    }),
  ],
});

function hint(pos: number, node: ProseNode): Decoration {
  return Decoration.node(pos, pos + node.nodeSize, { class: "empty", "data-hint": hintOf(node) });
}

function hintOf({ type, attrs }: ProseNode): string {
  switch (type.name) {
    case "heading":
      return `Heading ${attrs.level}`;
    case "detailsSummary":
      return "Title of the section";
    case "codeBlock":
      return "";
    default:
      return "Write, or press / for blocks";
  }
}
