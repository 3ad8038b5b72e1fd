/** Keys for whole blocks, so that no pointer is needed. */

import { Extension } from "@tiptap/core";
import { duplicateBlock, moveBlock } from "./commands";

export const BlockKeys = Extension.create({
  name: "blockKeys",
  addKeyboardShortcuts() {
    return {
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
