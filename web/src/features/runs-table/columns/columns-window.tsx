/**
 * The window behind *Columns*: which columns the table shows, chosen one by one, by name, or as a saved set.
 */

import type { ProjectRef } from "@/api/types";
import type { ColumnFacts } from "@/data/table/column-facts";
import { columnSetOf, isSameSet, tableOfSet } from "@/data/table/column-set";
import { changeTable } from "@/data/table/columns";
import type { TableView } from "@/data/view/view";
import { ColumnPicker } from "../../runs/column-picker";
import { ColumnSets } from "./column-sets";

interface ColumnsWindowProps {
  readonly project: ProjectRef;
  readonly shown: readonly string[];
  readonly table: TableView;
  readonly facts: readonly ColumnFacts[];
  /** The columns of the project are known. */
  readonly areKnown: boolean;
  setTable(part: Partial<TableView>): void;
  onHide(columns: readonly string[]): void;
  onAdded(column: string): void;
}

export function ColumnsWindow(props: ColumnsWindowProps) {
  const { project, shown, table, facts, areKnown, setTable, onHide, onAdded } = props;
  const isShown = new Set(shown);
  const show = (part: Partial<TableView>, first: string | undefined) => {
    setTable(part);
    if (first !== undefined) onAdded(first);
  };
  const present = () => columnSetOf(facts, table);
  return (
    <ColumnPicker
      project={project}
      label="Columns of the table"
      isOn={(column) => isShown.has(column)}
      onToggle={(column, isOn) => (isOn ? show(changeTable.show(table, column), column) : onHide([column]))}
      bulk={{
        shown,
        onShow: (columns) => show(changeTable.showAll(table, columns), columns[0]),
        onHide,
        onOnly: (columns) => setTable(changeTable.showOnly(columns)),
      }}
      end={
        <ColumnSets
          project={project}
          present={areKnown ? present : null}
          // columns that the project has no more are left out of both
          isShown={(set) =>
            areKnown && isSameSet(present(), columnSetOf(facts, { ...table, ...tableOfSet(set) }))
          }
          onTake={(set) => setTable(tableOfSet(set))}
          onReset={() => setTable(changeTable.reset())}
        />
      }
    />
  );
}
