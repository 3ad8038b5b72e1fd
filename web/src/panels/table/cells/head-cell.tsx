/** The head of a column: a click on its name sorts, its button filters, its edge is its width. */

import type { TableSort } from "@/api/files/tables";
import { ColumnEdge } from "@/ui/controls/column-edge";
import { MidName } from "@/ui/text/mid-name";
import type { ShownColumn } from "../joined";
import type { RowOptions } from "../options";
import { ColumnFilter } from "../tools/column-filter";
import { withColumnFilters } from "../tools/conditions";

interface HeadCellProps {
  readonly column: ShownColumn;
  readonly isNumber: boolean;
  /** Of the table. The number of rows in a group is not. */
  readonly canFilter: boolean;
  readonly options: RowOptions;
  onOptions(part: Partial<RowOptions>, name: string): void;
}

const LEAST_PX = 56;
const MOST_PX = 1200;

export function HeadCell({ column, isNumber, canFilter, options, onOptions }: HeadCellProps) {
  const { name, title, type, own = title, table } = column;
  const { filters, widths } = options;
  const sort = options.sort?.column === name ? options.sort : null;
  const isFiltered = filters.some((filter) => filter.column === name);
  // as logged, rising, falling, and again
  const next: TableSort | null = sort?.descending ? null : { column: name, descending: sort !== null };
  const resize = (px: number | null) => {
    const { [name]: _, ...others } = widths;
    const own = px === null ? {} : { [name]: Math.round(Math.max(LEAST_PX, Math.min(MOST_PX, px))) };
    onOptions({ widths: { ...others, ...own } }, `width of ${name}`);
  };
  return (
    <span
      role="columnheader"
      className={[isNumber && "num", isFiltered && "filtered"].filter(Boolean).join(" ")}
      aria-sort={sort ? (sort.descending ? "descending" : "ascending") : undefined}
    >
      <button
        type="button"
        className="sort"
        title={`${title}: ${type}`}
        onClick={() => onOptions({ sort: next }, "order")}
      >
        {table === undefined ? (
          <span className="ell">{title}</span>
        ) : (
          <span className="tbl-of">
            <span className="ell">{own}</span>
            <span className="sr"> · </span>
            <MidName name={table} />
          </span>
        )}
        {sort && <span aria-hidden="true">{sort.descending ? "↓" : "↑"}</span>}
      </button>
      {canFilter && (
        <ColumnFilter
          column={column}
          filters={filters}
          onFilters={(own) =>
            onOptions({ filters: withColumnFilters(filters, name, own) }, `filter of ${name}`)
          }
        />
      )}
      <ColumnEdge onResize={resize} />
    </span>
  );
}
