/** The menu of a column's head: sort, filter, group, pin, hide, move, and how its numbers read. */

import { Menu as MantineMenu } from "@mantine/core";
import type { Goal } from "@/data/table/column-facts";
import {
  beginsHigh,
  columnLabel,
  directionsOf,
  labelOf,
  SCOPE_TITLES,
  type TableColumn,
} from "@/data/table/columns";
import type { NumberLook, Order } from "@/data/view/view";
import { MenuItem, MenuLabel, MenuLine } from "@/ui/overlays/menu";
import { Icon } from "@/ui/signs/icons";
import type { ColumnAnchor, ColumnModel } from "./column-model";

interface ColumnMenuProps {
  readonly anchor: ColumnAnchor | null;
  readonly column: TableColumn | null;
  readonly order: readonly Order[];
  readonly groupBy: readonly string[];
  readonly isPinned: boolean;
  readonly goal: Goal | null;
  /** Columns with other figures of the same metric. */
  readonly others: readonly string[];
  readonly look: NumberLook | undefined;
  readonly actions: ColumnModel;
}

const LOOKS: readonly {
  readonly look: NumberLook | null;
  readonly label: string;
  readonly example: string;
}[] = [
  { look: null, label: "Automatic", example: "" },
  { look: 0, label: "Whole numbers", example: "1" },
  { look: 2, label: "2 decimals", example: "0.82" },
  { look: 3, label: "3 decimals", example: "0.824" },
  { look: 4, label: "4 decimals", example: "0.8242" },
  { look: 6, label: "6 decimals", example: "0.824213" },
  { look: "exp", label: "Powers of ten", example: "8.24e−1" },
  { look: "all", label: "All digits", example: "" },
];

function titleOf(column: TableColumn | null): string {
  if (!column) return "Name";
  const label = columnLabel(column.id);
  return column.scope === "run" ? label : `${SCOPE_TITLES[column.scope]}: ${label}`;
}

export function ColumnMenu(props: ColumnMenuProps) {
  const { anchor, column, order, groupBy, isPinned, look, actions } = props;
  const id = anchor?.column ?? "";
  const at = order.findIndex((sortKey) => sortKey.column === id);
  const sorted = order[at];
  const key = (descending: boolean) =>
    sorted && sorted.descending === descending ? (order.length > 1 ? `key ${at + 1}` : "on") : undefined;
  const words = directionsOf(id);
  const canAdd = order.length > 0 && !sorted;
  return (
    <MantineMenu
      opened={anchor !== null}
      onClose={actions.close}
      position="bottom-start"
      width={232}
      returnFocus
    >
      <MantineMenu.Target>
        <button
          type="button"
          aria-label="Column menu"
          tabIndex={-1}
          className="rt-anchor"
          style={{ left: anchor?.left ?? 0, top: anchor?.top ?? 0 }}
        />
      </MantineMenu.Target>
      <MantineMenu.Dropdown>
        <MenuLabel>{titleOf(column)}</MenuLabel>
        <MenuItem icon="up" end={key(false)} onChoose={() => actions.onSort(id, false, false)}>
          Sort {words.up}
        </MenuItem>
        <MenuItem icon="down" end={key(true)} onChoose={() => actions.onSort(id, true, false)}>
          Sort {words.down}
        </MenuItem>
        {canAdd && (
          <MenuItem
            icon="sort"
            end={`key ${order.length + 1}`}
            onChoose={() => actions.onSort(id, beginsHigh(id, props.goal), true)}
          >
            Sort by it, too
          </MenuItem>
        )}
        {sorted && (
          <MenuItem icon="x" onChoose={() => actions.onUnsort(id)}>
            Do not sort by it
          </MenuItem>
        )}
        <MenuItem icon="filter" onChoose={() => actions.onFilter()}>
          Filter by it
        </MenuItem>
        <MenuItem
          icon="group"
          isDisabled={groupBy.includes(id)}
          end={groupBy.includes(id) ? "on" : undefined}
          onChoose={() => actions.onGroup(id)}
        >
          Group by it
        </MenuItem>
        {column && (
          <>
            <MenuLine />
            <MenuItem icon="pin" onChoose={() => actions.onPin(id, !isPinned)}>
              {isPinned ? "Unpin" : "Pin to the left"}
            </MenuItem>
            <MenuItem icon="left" keys="Shift ←" onChoose={() => actions.onShift(id, -1)}>
              Move left
            </MenuItem>
            <MenuItem icon="right" keys="Shift →" onChoose={() => actions.onShift(id, 1)}>
              Move right
            </MenuItem>
            <MenuItem icon="eyeoff" onChoose={() => actions.onHide(id)}>
              Hide column
            </MenuItem>
          </>
        )}
        {column && props.others.length > 0 && (
          <Figures
            column={column}
            others={props.others}
            onChoose={(other) => actions.onInstead(column.id, other)}
          />
        )}
        {column?.isNumeric && column.scope !== "run" && (
          <>
            <MenuLine />
            <Formats look={look} onFormat={(next) => actions.onFormat(id, next)} />
          </>
        )}
      </MantineMenu.Dropdown>
    </MantineMenu>
  );
}

interface FiguresProps {
  readonly column: TableColumn;
  readonly others: readonly string[];
  onChoose(other: string): void;
}

/** Figure of a metric in the column: the best, the last, the lowest. */
function Figures({ column, others, onChoose }: FiguresProps) {
  const nameOf = (id: string) => labelOf(id).aggregate ?? "last";
  return (
    <MantineMenu.Sub>
      <MantineMenu.Sub.Target>
        <MantineMenu.Sub.Item leftSection={<Icon name="eye" isSmall />}>
          Show <span className="meta">{nameOf(column.id)}</span>
        </MantineMenu.Sub.Item>
      </MantineMenu.Sub.Target>
      <MantineMenu.Sub.Dropdown>
        {others.map((other) => (
          <MenuItem key={other} onChoose={() => onChoose(other)}>
            {nameOf(other)}
          </MenuItem>
        ))}
      </MantineMenu.Sub.Dropdown>
    </MantineMenu.Sub>
  );
}

function Formats({
  look,
  onFormat,
}: {
  look: NumberLook | undefined;
  onFormat(look: NumberLook | null): void;
}) {
  const chosen = LOOKS.find((candidate) => candidate.look === (look ?? null));
  return (
    <MantineMenu.Sub>
      <MantineMenu.Sub.Target>
        <MantineMenu.Sub.Item leftSection={<Icon name="stats" isSmall />}>
          Format <span className="meta">{chosen?.label.toLowerCase()}</span>
        </MantineMenu.Sub.Item>
      </MantineMenu.Sub.Target>
      <MantineMenu.Sub.Dropdown>
        {LOOKS.map((choice) => (
          <MenuItem
            key={choice.label}
            icon={choice === chosen ? "check" : undefined}
            end={choice.example}
            onChoose={() => onFormat(choice.look)}
          >
            <span className={choice === chosen ? "" : "rt-indent"}>{choice.label}</span>
          </MenuItem>
        ))}
      </MantineMenu.Sub.Dropdown>
    </MantineMenu.Sub>
  );
}
