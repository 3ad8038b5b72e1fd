/**
 * Chooses columns among all that runs have: searched by the server, listed page by page.
 */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { columnsQuery } from "@/api/columns";
import type { ProjectRef } from "@/api/types";
import { formatCount } from "@/data/format";
import { SCOPE_TITLES, scopeOf } from "@/data/table/columns";
import { Checkbox } from "@/ui/checkbox";
import { Icon } from "@/ui/icons";
import { ColumnName } from "./column-field";
import { KeyList, moved } from "./key-list";
import { useSettled } from "./use-settled";

const ROW_PX = 28;
const LIST_PX = 308;

interface ColumnPickerProps {
  readonly project: ProjectRef;
  /** What the list of columns is called: `Pinned columns`. */
  readonly label: string;
  isOn(column: string): boolean;
  onToggle(column: string, isOn: boolean): void;
  /** Chosen ones in their order, above the others, where their order counts. */
  readonly chosen?: readonly string[];
  onOrder?(columns: readonly string[]): void;
  /** Not offered. */
  readonly without?: readonly string[];
  /** Below the list: what is done to all of them. */
  readonly end?: React.ReactNode;
}

export function ColumnPicker({
  project,
  label,
  isOn,
  onToggle,
  chosen = [],
  onOrder,
  without = ["name"],
  end,
}: ColumnPickerProps) {
  const [typed, setTyped] = useState("");
  const search = useSettled(typed);
  const query = useInfiniteQuery(columnsQuery(project, search));
  const columns = (query.data?.pages ?? [])
    .flatMap((page) => page.columns)
    .filter((one) => !without.includes(one.column));
  const items = withHeads(columns);
  const list = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => list.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const last = virtual.getVirtualItems().at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (last > items.length - 20 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [last, items.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <div className="picker" role="group" aria-label={label}>
      {onOrder && chosen.length > 0 && (
        <KeyList
          label={label}
          columns={chosen}
          onMove={(from, to) => onOrder(moved(chosen, from, to))}
          onRemove={(column) => onToggle(column, false)}
        />
      )}
      <div className="inp">
        <Icon name="search" isSmall />
        <input
          type="text"
          aria-label="Find a column"
          placeholder="Find a column"
          data-autofocus
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </div>
      <div className="picker-cols" ref={list} style={{ maxHeight: LIST_PX }}>
        <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const item = items[index];
            if (!item) return null;
            const style = { transform: `translateY(${start}px)` };
            if (typeof item === "string")
              return (
                <div key={`: ${item}`} className="picker-row head" style={style}>
                  {item}
                </div>
              );
            return (
              <div key={item.column} className="picker-row" style={style}>
                <Checkbox
                  label={item.column}
                  isOn={isOn(item.column)}
                  onChange={(next) => onToggle(item.column, next)}
                >
                  <ColumnName column={item.column} />
                </Checkbox>
                <span className="end tn" title={`${formatCount(item.n_runs)} runs have it`}>
                  {formatCount(item.n_runs)}
                </span>
              </div>
            );
          })}
        </div>
        {query.isSuccess && columns.length === 0 && (
          <div className="muted none">No column is called {typed}</div>
        )}
      </div>
      {end}
    </div>
  );
}

/** Columns with the names of their scopes between them. */
function withHeads<T extends { column: string }>(columns: readonly T[]): (T | string)[] {
  const items: (T | string)[] = [];
  let scope = "";
  for (const one of columns) {
    const next = SCOPE_TITLES[scopeOf(one.column)];
    if (next !== scope) items.push(next);
    scope = next;
    items.push(one);
  }
  return items;
}
