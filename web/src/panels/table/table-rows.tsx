import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { TableWindow } from "@/api/files/tables";
import type { ProjectRef } from "@/api/types";
import { formatCount } from "@/data/text/format";
import { leaveWheelToPage } from "@/ui/browser/page-wheel";
import { NamesBeside } from "@/ui/text/mid-name";
import type { PanelRun } from "../panel-props";
import type { OpenCell } from "./cells/cell-dialog";
import { type ColumnLook, columnLooks, fitTable, fixedLook } from "./cells/cell-text";
import { GroupCell } from "./cells/group-cell";
import { HeadCell } from "./cells/head-cell";
import { TableCell } from "./cells/table-cell";
import type { JoinedTables } from "./joined";
import type { RowOptions } from "./options";
import { rowWindow } from "./row-window";
import { COUNT_INDEX } from "./tools/table-tools";
import { type TableRequest, usePieces } from "./use-pieces";

const ROW_PX = 26;
const TWO_LINES_PX = 42;
const MEDIA_ROW_PX = 48;
/** Of the column of runs, whose names keep the parts that differ. */
const MOST_RUN_PX = 168;
const NO_NAMES: readonly string[] = [];
const SPARE_ROWS = 8;
const HEAD_PX = 28;
/** Of a head with a second line that names the table of the column. */
const TWO_LINE_HEAD_PX = 42;
/** Of a head besides its title: the arrow of the order, and the button of the filter, which lies over the edge of the head. */
const SIGNS_PX = matchMedia("(hover: none)").matches ? 36 : 30;
const FIRST_VIEW_PX = 300;

interface TableRowsProps {
  readonly project: ProjectRef;
  readonly hash: string;
  /** Request of `head`. */
  readonly request: TableRequest;
  readonly name: string;
  /** The first rows, and what holds for all. */
  readonly head: TableWindow;
  /** These are rows of another order or other conditions. */
  readonly isLate: boolean;
  /** Of a table of several runs, which its first column names. */
  readonly runs: readonly { readonly run: PanelRun }[];
  readonly joined: JoinedTables | null;
  readonly options: RowOptions;
  /** Shown where no row is. */
  readonly nothing: ReactNode;
  /** Changes what is shown; changes of one name in a row undo as one. */
  onOptions(part: Partial<RowOptions>, name: string): void;
  onOpen(cell: OpenCell): void;
}

export function TableRows(props: TableRowsProps) {
  const { project, hash, request, name, head, isLate, runs, joined, options, nothing } = props;
  const { onOptions, onOpen } = props;
  const scroll = useRef<HTMLDivElement>(null);
  const [scrollPx, setScrollPx] = useState(0);
  const [viewPx, setViewPx] = useState(FIRST_VIEW_PX);
  const [roomPx, setRoomPx] = useState(0);
  const headPx = joined === null ? HEAD_PX : TWO_LINE_HEAD_PX;
  useLayoutEffect(() => {
    const element = scroll.current;
    if (!element) return;
    const sizes = new ResizeObserver(() => {
      setViewPx(Math.max(ROW_PX, element.clientHeight - headPx));
      setRoomPx(element.clientWidth);
    });
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [headPx]);
  useEffect(() => leaveWheelToPage(scroll.current), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another order or other rows begin at the top
  useLayoutEffect(() => {
    if (scroll.current) scroll.current.scrollTop = 0;
  }, [hash, request]);
  const looks = useMemo(() => columnLooks(head, SIGNS_PX), [head]);
  const columns = head.columns.flatMap((column, index) =>
    options.hidden.includes(column.name) ? [] : [{ column, index, isNumber: looks[index]!.isNumber }],
  );
  const lookOf = ({ column, index, isNumber }: (typeof columns)[number]): ColumnLook => {
    const look = looks[index]!;
    const ownPx = options.widths[column.name];
    if (ownPx !== undefined) return fixedLook(ownPx, isNumber);
    return index === 0 && runs.length > 0 ? fixedLook(Math.min(look.wholePx, MOST_RUN_PX), isNumber) : look;
  };
  const colors = useMemo(() => new Map(runs.map(({ run }) => [run.id, run.color])), [runs]);
  // what is no image is a button of one line
  const hasImages = head.media.some(({ items }) => items.some(({ kind }) => kind === "image"));
  const numberPx = 24 + 8 * formatCount(head.n_rows).length;
  const { widths, isTwoLines } = fitTable(columns.map(lookOf), roomPx - numberPx);
  const rowPx = hasImages ? MEDIA_ROW_PX : isTwoLines ? TWO_LINES_PX : ROW_PX;
  const rows = rowWindow(head.total, rowPx, scrollPx, viewPx, SPARE_ROWS);
  const pieces = usePieces(project, hash, request, rows);
  const template = [numberPx, ...widths].map((px) => `${px}px`).join(" ");
  const width = widths.reduce((sum, px) => sum + px, numberPx);
  return (
    <div
      className="tbl"
      ref={scroll}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
      tabIndex={0}
      role="group"
      aria-label={`Rows of ${name}, scrolled`}
      data-late={isLate || undefined}
      data-two-lines={isTwoLines || undefined}
      onScroll={(event) => setScrollPx(event.currentTarget.scrollTop)}
    >
      <div
        role="table"
        aria-label={name}
        aria-rowcount={head.total + 1}
        aria-colcount={columns.length + 1}
        style={{ minWidth: width, height: rows.height + headPx }}
      >
        <div
          role="row"
          className="tbl-head"
          aria-rowindex={1}
          style={{ gridTemplateColumns: template, height: headPx }}
        >
          <span role="columnheader" className="num muted">
            #
          </span>
          <NamesBeside names={joined ? [joined.left, joined.right] : NO_NAMES} isAlone>
            {columns.map(({ column, index, isNumber }) => (
              <HeadCell
                key={column.name}
                column={column}
                isNumber={isNumber}
                canFilter={options.group === null || index !== COUNT_INDEX}
                options={options}
                onOptions={onOptions}
              />
            ))}
          </NamesBeside>
        </div>
        <div style={{ transform: `translateY(${rows.top}px)` }}>
          {Array.from({ length: rows.end - rows.first }, (_, i) => {
            const row = rows.first + i;
            const piece = pieces.at(row);
            return (
              <div
                role="row"
                key={row}
                className="tbl-row"
                aria-rowindex={row + 2}
                aria-busy={piece === null || undefined}
                style={{ gridTemplateColumns: template, height: rowPx }}
              >
                <span role="rowheader" className="num muted tn">
                  {piece ? formatCount(piece[0].numbers[piece[1]]!) : "…"}
                </span>
                {piece &&
                  columns.map(({ column, index, isNumber }, i) => {
                    const cell = { window: piece[0], row: piece[1], column: index };
                    return column.name === request.group ? (
                      <GroupCell
                        key={column.name}
                        {...cell}
                        isNumber={isNumber}
                        onRows={(own) =>
                          onOptions(
                            { group: null, sort: null, filters: [...options.filters, own] },
                            "rows of a group",
                          )
                        }
                      />
                    ) : (
                      <TableCell
                        key={column.name}
                        {...cell}
                        look={looks[index]!}
                        widthPx={widths[i]!}
                        runColor={index === 0 ? colors.get(piece[0].runs?.[piece[1]] ?? "") : undefined}
                        offset={row}
                        onOpen={onOpen}
                      />
                    );
                  })}
              </div>
            );
          })}
        </div>
      </div>
      {head.total === 0 && <div className="tbl-nothing">{nothing}</div>}
      {pieces.error && (
        <div className="tbl-fault" role="alert">
          {pieces.error.message}
        </div>
      )}
    </div>
  );
}
