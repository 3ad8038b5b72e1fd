/** The value of a group of rows; a click shows its rows. */

import type { TableWindow } from "@/api/files/tables";
import type { TableFilter } from "../tools/conditions";
import { cellText } from "./cell-text";

interface GroupCellProps {
  readonly window: TableWindow;
  readonly row: number;
  readonly column: number;
  readonly isNumber: boolean;
  /** @param own what the rows of the group, and only they, have */
  onRows(own: TableFilter): void;
}

export function GroupCell({ window, row, column, isNumber, onRows }: GroupCellProps) {
  const { name, type } = window.columns[column]!;
  const cell = window.rows[row]![column];
  const text = cell === null ? "no value" : cellText(cell, type);
  const isCut = window.cut.some(([r, c]) => r === row && c === column);
  // of lists and objects no filter takes the value
  const isPlain = !isCut && (cell === null || typeof cell !== "object");
  const own: TableFilter =
    cell === null
      ? { column: name, op: "empty", value: null }
      : { column: name, op: "=", value: cell as TableFilter["value"] };
  return (
    <span role="cell" className={isNumber ? "num tn" : ""}>
      {isPlain ? (
        <button
          type="button"
          className={cell === null ? "tbl-group muted ell" : "tbl-group ell"}
          title="Show the rows of this group"
          onClick={() => onRows(own)}
        >
          {text}
        </button>
      ) : (
        <span className="ell">{text}</span>
      )}
    </span>
  );
}
