/** Overlays of the cells: the ring of the cursor, and the editor of a cell. */

import { useStore } from "zustand";
import { CellEditor } from "./cell-editor";
import { columnAt, columnIdAt, edgesAt, type GridLayout, ROW_PX } from "./grid-layout";
import type { Cursor, GridModel } from "./grid-model";

interface GridOverlayProps {
  readonly grid: GridModel;
  readonly layout: GridLayout;
  /** Tags in use in the project. */
  readonly tags: readonly string[];
  /** Of the columns that stay at the left, or of the others. */
  readonly isPinned: boolean;
}

export function GridOverlay({ grid, layout, tags, isPinned }: GridOverlayProps) {
  const { cursor, editing } = useStore(grid.store);
  const isHere = ({ column }: Cursor) => column <= layout.pinned.length === isPinned;
  return (
    <>
      {cursor.row >= 0 && isHere(cursor) && <span className="rt-cur" style={boxOf(layout, cursor)} />}
      {editing && isHere(editing) && (
        <CellEditor
          key={`${editing.run.id}-${editing.column}`}
          column={columnIdAt(layout, editing.column)}
          label={`${columnAt(layout, editing.column)?.label ?? "Name"} of ${editing.run.name}`}
          value={editing.value}
          tags={tags}
          box={boxOf(layout, editing)}
          onDone={(value, by) => grid.endEdit(value, by)}
        />
      )}
    </>
  );
}

function boxOf(layout: GridLayout, { row, column }: Cursor) {
  const [left, right] = edgesAt(layout, column);
  return { left, top: row * ROW_PX, width: right - left, height: ROW_PX };
}
