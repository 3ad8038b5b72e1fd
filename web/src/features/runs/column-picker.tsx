/** Chooses columns among all that runs have: searched by the server, listed page by page. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Column, columnSearchQuery, columnsQuery } from "@/api/runs/columns";
import type { ProjectRef } from "@/api/types";
import { SCOPE_TITLES, scopeOf } from "@/data/table/columns";
import { findColumns, isHelperColumn } from "@/data/table/find-columns";
import { haveFor } from "@/data/text/counted";
import { formatCount, formatNoun } from "@/data/text/format";
import { matcherFor } from "@/data/text/text-match";
import { Button } from "@/ui/controls/button";
import { Checkbox } from "@/ui/controls/checkbox";
import { useAwaited } from "@/ui/hooks/use-awaited";
import { useSettled } from "@/ui/hooks/use-settled";
import { useVirtualRows } from "@/ui/hooks/use-virtual-rows";
import { Icon } from "@/ui/signs/icons";
import { ColumnName } from "@/ui/text/column-name";
import { KeyList, moved } from "./keys/key-list";

const ROW_PX = 28;
const LIST_PX = 308;

interface ColumnPickerProps {
  readonly project: ProjectRef;
  /** Name of the list of columns: `Pinned columns`. */
  readonly label: string;
  isOn(column: string): boolean;
  onToggle(column: string, isOn: boolean): void;
  /** Chosen ones in their order, above the others, where their order counts. */
  readonly chosen?: readonly string[];
  onOrder?(columns: readonly string[]): void;
  /** Not offered. */
  readonly without?: readonly string[];
  /** Action on all columns that match a text. */
  readonly bulk?: BulkActions;
  /** Below the list: what is done to all of them. */
  readonly end?: React.ReactNode;
}

interface BulkActions {
  /** Columns that are shown, whether the list below has got to them or not. */
  readonly shown: readonly string[];
  onShow(columns: readonly string[]): void;
  onHide(columns: readonly string[]): void;
  onOnly(columns: readonly string[]): void;
}

/** More columns at once say nothing, and make the address of the view too long. */
const MOST_AT_ONCE = 100;

export function ColumnPicker(props: ColumnPickerProps) {
  const { project, label, isOn, onToggle, chosen = [], onOrder, without = ["name"], bulk, end } = props;
  const [typed, setTyped] = useState("");
  const [isRegex, setRegex] = useState(false);
  const error = isRegex ? matcherFor(typed, true).error : null;
  const { query, columns, total, isCurrent } = useListedColumns(
    project,
    typed,
    isRegex && error === null,
    without,
  );
  // the likeliest first: neighbours are of different scopes, and each name says its own
  const isRanked = typed.trim() !== "" && !isRegex;
  const items: readonly (Column | string)[] = isRanked ? columns : withHeads(columns);
  const { scroll: list, list: virtual } = useVirtualRows(items.length, ROW_PX, 8);
  const addFirst = useAwaited(isCurrent, () => {
    const first = columns[0]?.column;
    if (first !== undefined && !isOn(first)) onToggle(first, true);
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
      <div className={`inp ${error ? "err" : ""}`}>
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
          onKeyDown={(event) => {
            if (event.key !== "Enter" || typed.trim() === "" || error !== null) return;
            event.preventDefault();
            // the next name replaces it
            event.currentTarget.select();
            addFirst();
          }}
        />
        {bulk && (
          <button
            type="button"
            className="btn q sm ico re"
            aria-label="Regular expression"
            title="Regular expression"
            aria-pressed={isRegex}
            onClick={() => setRegex(!isRegex)}
          >
            .*
          </button>
        )}
      </div>
      {error && (
        <div className="errt" role="alert">
          {error}
        </div>
      )}
      {bulk && typed.trim() !== "" && error === null && columns.length > 0 && (
        <BulkButtons
          project={project}
          search={typed.trim()}
          isRegex={isRegex}
          total={total}
          without={without}
          {...bulk}
        />
      )}
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
                <span
                  className="end tn"
                  title={`${formatNoun(item.n_runs, "run")} ${haveFor(item.n_runs)} it`}
                >
                  {isHelperColumn(item.column) && "internal "}
                  {formatCount(item.n_runs)}
                </span>
              </div>
            );
          })}
        </div>
        {columns.length === 0 && (isCurrent || query.isSuccess) && (
          <div className="muted none">{isCurrent ? <>No column is called {typed}</> : "Looking…"}</div>
        )}
      </div>
      {end}
    </div>
  );
}

/** The columns that a text finds, the likeliest first: at once where they are all here, else page by page. */
function useListedColumns(project: ProjectRef, typed: string, isRegex: boolean, without: readonly string[]) {
  const whole = useInfiniteQuery(columnsQuery(project, ""));
  const isWhole = whole.data !== undefined && !whole.hasNextPage;
  const search = useSettled(typed.trim());
  const searched = useInfiniteQuery({
    ...columnsQuery(project, search, isRegex),
    enabled: whole.isSuccess && !isWhole,
  });
  const query = isWhole ? whole : searched;
  const pages = query.data?.pages ?? [];
  // page by page: what a later page brings moves nothing that is listed
  const matches = pages.flatMap(({ columns: listed }) => {
    if (isWhole) return matching(listed, typed.trim(), isRegex);
    return isRegex ? listed : findColumns(listed, search);
  });
  const columns = matches.filter((entry) => !without.includes(entry.column));
  return {
    query,
    columns,
    total: isWhole ? columns.length : (pages[0]?.total ?? 0),
    /** They are those of what is typed. */
    isCurrent: isWhole || (search === typed.trim() && query.isSuccess && !query.isPlaceholderData),
  };
}

/** Those that a text finds, the likeliest first; those of a pattern in their order. */
function matching<T extends { column: string; n_runs: number }>(
  all: readonly T[],
  search: string,
  isRegex: boolean,
): readonly T[] {
  if (isRegex) {
    const { test } = matcherFor(search, true);
    return all.filter(({ column }) => test?.(column));
  }
  return findColumns(all, search);
}

interface BulkButtonsProps extends BulkActions {
  readonly project: ProjectRef;
  readonly search: string;
  readonly isRegex: boolean;
  /** Columns that are found. */
  readonly total: number;
  readonly without: readonly string[];
}

/** Shows, hides or keeps alone all columns that are found: `layers/` and *Hide* takes a whole prefix away. */
function BulkButtons(props: BulkButtonsProps) {
  const { project, search, isRegex, total, without, shown, onShow, onHide, onOnly } = props;
  const settled = useSettled(search);
  const query = useQuery(columnSearchQuery(project, settled, isRegex));
  const isWhole = query.isSuccess && query.data.cursor === null && settled === search;
  const matches = (query.data?.columns ?? [])
    .map(({ column }) => column)
    .filter((column) => !without.includes(column));
  const ofShown = shown.map((column) => ({ column, n_runs: 0 }));
  const inSight = matching(ofShown, search, isRegex).map(({ column }) => column);
  const isTooMany = total > MOST_AT_ONCE;
  const why = isTooMany ? `At most ${MOST_AT_ONCE} columns at once: type more of the name` : undefined;
  return (
    <div className="picker-bulk" role="group" aria-label="All that match">
      <span className="muted tn">{formatCount(total)} match</span>
      <span className="grow" />
      <Button
        isSmall
        look="quiet"
        disabled={isTooMany || !isWhole}
        title={why}
        onClick={() => onShow(matches.filter((column) => !shown.includes(column)))}
      >
        Show
      </Button>
      <Button isSmall look="quiet" disabled={inSight.length === 0} onClick={() => onHide(inSight)}>
        Hide
      </Button>
      <Button
        isSmall
        look="quiet"
        disabled={isTooMany || !isWhole}
        title={why}
        onClick={() => onOnly(matches)}
      >
        Only these
      </Button>
    </div>
  );
}

/** Columns with the names of their scopes between them. */
function withHeads<T extends { column: string }>(columns: readonly T[]): (T | string)[] {
  const items: (T | string)[] = [];
  let scope = "";
  for (const entry of columns) {
    const next = SCOPE_TITLES[scopeOf(entry.column)];
    if (next !== scope) items.push(next);
    scope = next;
    items.push(entry);
  }
  return items;
}
