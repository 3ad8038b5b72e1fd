/**
 * The head and the rows of a table that are in view.
 */

import { useLayoutEffect, useRef, useState } from "react";
import type { TableColumn, TableSort, TableWindow } from "@/api/tables";
import type { ProjectRef } from "@/api/types";
import { formatCount } from "@/data/format";
import type { OpenCell } from "./cell-dialog";
import { columnLook } from "./cell-text";
import { rowWindow } from "./row-window";
import { TableCell } from "./table-cell";
import { type Asked, usePieces } from "./use-pieces";

const ROW_PX = 28;
const MEDIA_ROW_PX = 64;
const SPARE_ROWS = 8;
const HEAD_PX = 30;
const FIRST_VIEW_PX = 300;

interface TableRowsProps {
  readonly project: ProjectRef;
  readonly hash: string;
  readonly asked: Asked;
  readonly name: string;
  /** The first rows, and what holds for all. */
  readonly head: TableWindow;
  /** These are rows of another order or search. */
  readonly isLate: boolean;
  readonly sort: TableSort | null;
  onSort(sort: TableSort | null): void;
  onOpen(cell: OpenCell): void;
}

export function TableRows(props: TableRowsProps) {
  const { project, hash, asked, name, head, isLate, sort, onSort, onOpen } = props;
  const scroll = useRef<HTMLDivElement>(null);
  const [scrollPx, setScrollPx] = useState(0);
  const [viewPx, setViewPx] = useState(FIRST_VIEW_PX);
  useLayoutEffect(() => {
    const element = scroll.current;
    if (!element) return;
    const sizes = new ResizeObserver(() => setViewPx(Math.max(ROW_PX, element.clientHeight - HEAD_PX)));
    sizes.observe(element);
    return () => sizes.disconnect();
  }, []);
  const { columns } = head;
  const looks = columns.map(columnLook);
  const rowPx = head.media.length > 0 ? MEDIA_ROW_PX : ROW_PX;
  const rows = rowWindow(head.total, rowPx, scrollPx, viewPx, SPARE_ROWS);
  const pieces = usePieces(project, hash, asked, rows);
  const numberPx = 24 + 8 * formatCount(head.n_rows).length;
  const template = `${numberPx}px ${looks.map(({ width }) => `minmax(${width}px, ${width}fr)`).join(" ")}`;
  const width = looks.reduce((sum, look) => sum + look.width, numberPx);
  return (
    <div
      className="tbl"
      ref={scroll}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
      tabIndex={0}
      role="group"
      aria-label={`Rows of ${name}, scrolled`}
      data-late={isLate || undefined}
      onScroll={(event) => setScrollPx(event.currentTarget.scrollTop)}
    >
      <div
        role="table"
        aria-label={name}
        aria-rowcount={head.total + 1}
        aria-colcount={columns.length + 1}
        style={{ minWidth: width, height: rows.height + HEAD_PX }}
      >
        <div role="row" className="tbl-head" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
          <span role="columnheader" className="num muted">
            #
          </span>
          {columns.map((column, i) => (
            <HeadCell
              key={column.name}
              column={column}
              isNumber={looks[i]!.isNumber}
              sort={sort?.column === column.name ? sort : null}
              onSort={onSort}
            />
          ))}
        </div>
        <div style={{ transform: `translateY(${rows.top}px)` }}>
          {Array.from({ length: rows.end - rows.first }, (_, i) => {
            const row = rows.first + i;
            const found = pieces.at(row);
            return (
              <div
                role="row"
                key={row}
                className="tbl-row"
                aria-rowindex={row + 2}
                aria-busy={found === null || undefined}
                style={{ gridTemplateColumns: template, height: rowPx }}
              >
                <span role="rowheader" className="num muted tn">
                  {found ? formatCount(found[0].numbers[found[1]]!) : "…"}
                </span>
                {found &&
                  columns.map((column, nth) => (
                    <TableCell
                      key={column.name}
                      window={found[0]}
                      row={found[1]}
                      column={nth}
                      isNumber={looks[nth]!.isNumber}
                      offset={row}
                      onOpen={onOpen}
                    />
                  ))}
              </div>
            );
          })}
        </div>
      </div>
      {pieces.error && (
        <div className="tbl-fault" role="alert">
          {pieces.error.message}
        </div>
      )}
    </div>
  );
}

interface HeadCellProps {
  readonly column: TableColumn;
  readonly isNumber: boolean;
  readonly sort: TableSort | null;
  onSort(sort: TableSort | null): void;
}

/** As logged, rising, falling, and again. */
function HeadCell({ column, isNumber, sort, onSort }: HeadCellProps) {
  const next: TableSort | null =
    sort === null
      ? { column: column.name, descending: false }
      : sort.descending
        ? null
        : { column: column.name, descending: true };
  return (
    <span
      role="columnheader"
      className={isNumber ? "num" : ""}
      aria-sort={sort ? (sort.descending ? "descending" : "ascending") : undefined}
    >
      <button type="button" title={`${column.title}: ${column.type}`} onClick={() => onSort(next)}>
        <span className="ell">{column.title}</span>
        {sort && <span aria-hidden="true">{sort.descending ? "↓" : "↑"}</span>}
        <span className="muted type">{column.type}</span>
      </button>
    </span>
  );
}
