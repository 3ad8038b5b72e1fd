/** Keys for whole blocks, so that no pointer is needed. */

import { Extension } from "@tiptap/core";
import { NodeSelection } from "@tiptap/pm/state";
import { inlineId, openObject } from "../objects/opened";
import { duplicateBlock, moveBlock } from "./commands";

export const BlockKeys = Extension.create({
  name: "blockKeys",
  priority: 200,
  addKeyboardShortcuts() {
    return {
      // a selected object opens its fields
      Enter: () => {
        const { selection } = this.editor.state;
        if (!(selection instanceof NodeSelection)) return false;
        const { node, from } = selection;
        if (node.type.name === "block") openObject(node.attrs.id);
        else if (node.type.name === "inline") openObject(inlineId(from));
        else return false;
        return true;
      },
      "Alt-Shift-ArrowUp": () => moveBlock(this.editor, "up"),
      "Alt-Shift-ArrowDown": () => moveBlock(this.editor, "down"),
      "Mod-Shift-d": () => {
        const { $from } = this.editor.state.selection;
        duplicateBlock(this.editor, $from.depth > 0 ? $from.before(1) : $from.pos);
        return true;
      },
    };
  },
});
