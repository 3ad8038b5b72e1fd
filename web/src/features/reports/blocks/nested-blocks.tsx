/** Lists and tables, whose items and cells hold blocks. */

import type { ReactNode } from "react";
import type { Block, TableCell } from "@/data/report/document";
import { Icon } from "@/ui/signs/icons";

/** Draws the blocks inside of another one. */
type Draw = (blocks: readonly Block[]) => ReactNode;

export function ListBlock({ list, draw }: { list: Extract<Block, { kind: "list" }>; draw: Draw }) {
  const { style, start, items } = list;
  const entries = items.map(({ isChecked, blocks }, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: items are places
    <li key={i} className={isChecked && style === "check" ? "done" : undefined}>
      {style === "check" && (
        <span className={`tick ${isChecked ? "on" : ""}`} role="img" aria-label={isChecked ? "done" : "open"}>
          {isChecked && <Icon name="check" isSmall />}
        </span>
      )}
      <div>{draw(blocks)}</div>
    </li>
  ));
  if (style === "ordered") return <ol start={start}>{entries}</ol>;
  return <ul className={style === "check" ? "checks" : undefined}>{entries}</ul>;
}

interface TableBlockProps {
  readonly rows: readonly (readonly TableCell[])[];
  readonly draw: Draw;
}

export function TableBlock({ rows, draw }: TableBlockProps) {
  const widths = (rows[0] ?? []).flatMap(({ widthsPx, nColumns }) =>
    Array.from({ length: nColumns }, (_, i) => widthsPx?.[i] ?? null),
  );
  const numbers = numberColumns(rows);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
    <div className="table-scroll" tabIndex={0} role="group" aria-label="Table">
      <table>
        {widths.some((width) => width !== null) && (
          <colgroup>
            {widths.map((width, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns are places
              <col key={i} style={width === null ? undefined : { width }} />
            ))}
          </colgroup>
        )}
        <tbody>
          {rows.map((cells, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows are places
            <tr key={i}>
              {cells.map((cell, j) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: cells are places
                <CellView key={j} cell={cell} isNumber={numbers.has(j)} draw={draw} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface CellViewProps {
  readonly cell: TableCell;
  readonly isNumber: boolean;
  readonly draw: Draw;
}

function CellView({ cell, isNumber, draw }: CellViewProps) {
  const { isHeader, nColumns, nRows, blocks } = cell;
  const Cell = isHeader ? "th" : "td";
  return (
    <Cell colSpan={nColumns} rowSpan={nRows} className={isNumber ? "number" : undefined}>
      {draw(blocks)}
    </Cell>
  );
}

/** The columns, from 0, whose cells below the heads are numbers, which stand at the right. */
function numberColumns(rows: TableBlockProps["rows"]): ReadonlySet<number> {
  const n = Math.max(0, ...rows.map(({ length }) => length));
  const columns = Array.from({ length: n }, (_, i) => i);
  return new Set(
    columns.filter((i) => {
      const cells = rows.flatMap((row) => row[i] ?? []).filter(({ isHeader }) => !isHeader);
      return cells.length > 0 && cells.every(({ blocks }) => isOneNumber(blocks));
    }),
  );
}

function isOneNumber(blocks: readonly Block[]): boolean {
  const [only] = blocks;
  if (blocks.length !== 1 || only?.kind !== "paragraph" || only.text.length === 0) return false;
  return only.text.every(
    (piece) => piece.kind === "value" || (piece.kind === "text" && /^[\s\d.,±+\-−%eE]*$/.test(piece.text)),
  );
}
