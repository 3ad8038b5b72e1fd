/** Media as a table: a row for each run, a column for each chosen x. */

import { useMemo } from "react";
import type { MediaSeries } from "@/api/files/media";
import { formatCount } from "@/data/text/format";
import { MidName, NamesBeside } from "@/ui/text/mid-name";
import { MediaCell } from "../grid/media-cell";
import { RATIO, RunName, ratioOfAll } from "../grid/media-grid";
import type { MediaOptions } from "../options";
import type { StepRow } from "./step-cells";

interface StepTableProps {
  readonly rows: readonly StepRow[];
  readonly columns: readonly number[];
  /** Of a column, px. */
  readonly width: number;
  /** Of the column of names, px. */
  readonly nameWidth: number;
  /** Of the columns: `step`, `epoch`. */
  readonly axisText: string;
  readonly options: MediaOptions;
  readonly hasManyKeys: boolean;
  xText(x: number): string;
  onOpen(row: number, column: number): void;
}

export function StepTable(props: StepTableProps) {
  const { rows, columns, width, nameWidth, axisText, options, hasManyKeys, xText, onOpen } = props;
  const names = useMemo(() => rows.map(({ run }) => run.name), [rows]);
  const ratio = useMemo(
    () => ratioOfAll(rows.flatMap(({ cells }) => cells.filter((cell) => cell !== null))) ?? RATIO,
    [rows],
  );
  return (
    <NamesBeside names={names}>
      <table className="media-steps" style={{ width: nameWidth + columns.length * width }}>
        <thead>
          <tr>
            <th scope="col" className="muted" style={{ width: nameWidth }}>
              <span className="ell" title={axisText}>
                {axisText}
              </span>
            </th>
            {columns.map((x) => (
              <th key={x} scope="col" className="tn">
                {xText(x)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ run, key, cells }, row) => (
            <tr key={`${run.id} ${key}`}>
              <th scope="row">
                <span className="media-run">
                  <RunName run={run} />
                </span>
                {hasManyKeys && <MidName name={key} className="muted" />}
              </th>
              {cells.map((cell, column) => (
                <td key={columns[column]}>
                  {cell?.items[0] && (
                    <MediaCell
                      item={cell.items[0]}
                      run={run}
                      hasName={false}
                      note={noteOf(cell, columns[column]!, xText)}
                      ratio={ratio}
                      options={options}
                      onOpen={() => onOpen(row, column)}
                    />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </NamesBeside>
  );
}

/** The length of a list of media, and its x if the column's x is larger. */
function noteOf({ n_items, x }: MediaSeries, column: number, xText: (x: number) => string): string {
  const count = n_items > 1 ? `1 of ${formatCount(n_items)}` : "";
  const late = x !== null && x !== column ? `at ${xText(x)}` : "";
  return [count, late].filter((part) => part !== "").join(", ");
}
