/** Rows and columns of the table that the caret is in. */

import type { Editor } from "@tiptap/react";
import { Menu, MenuItem, MenuLine } from "@/ui/overlays/menu";
import { useEditorState } from "./use-editor-state";

export function TableBar({ editor }: { editor: Editor }) {
  const isInTable = useEditorState(editor, (of) => of.isActive("table"));
  if (!isInTable) return null;
  const run = (act: (chain: ReturnType<Editor["chain"]>) => ReturnType<Editor["chain"]>) => () =>
    void act(editor.chain().focus()).run();
  return (
    <Menu
      position="bottom-end"
      target={
        <button type="button" className="btn sm">
          Table
        </button>
      }
    >
      <MenuItem onChoose={run((chain) => chain.addRowBefore())}>Add row above</MenuItem>
      <MenuItem onChoose={run((chain) => chain.addRowAfter())}>Add row below</MenuItem>
      <MenuItem onChoose={run((chain) => chain.addColumnBefore())}>Add column before</MenuItem>
      <MenuItem onChoose={run((chain) => chain.addColumnAfter())}>Add column after</MenuItem>
      <MenuLine />
      <MenuItem onChoose={run((chain) => chain.toggleHeaderRow())}>Head row on or off</MenuItem>
      <MenuItem onChoose={run((chain) => chain.toggleHeaderColumn())}>Head column on or off</MenuItem>
      <MenuItem onChoose={run((chain) => chain.mergeOrSplit())}>Merge or split cells</MenuItem>
      <MenuLine />
      <MenuItem isDanger onChoose={run((chain) => chain.deleteRow())}>
        Delete row
      </MenuItem>
      <MenuItem isDanger onChoose={run((chain) => chain.deleteColumn())}>
        Delete column
      </MenuItem>
      <MenuItem isDanger onChoose={run((chain) => chain.deleteTable())}>
        Delete table
      </MenuItem>
    </Menu>
  );
}
