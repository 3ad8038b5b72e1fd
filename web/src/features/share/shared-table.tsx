/** The runs of a share as a table: the columns of its view, config that differs, and results. */

import { type ReactNode, useMemo } from "react";
import type { Run } from "@/api/types";
import { formatParameter } from "@/data/text/format";
import type { NumberLook } from "@/data/view/view";
import { StateIcon } from "@/ui/signs/state-icon";
import { Ago } from "@/ui/text/ago";
import { columnsOf, type SharedColumn, sharedFormat, shownIds } from "./shared-values";

const MOST_COLUMNS = 8;

interface SharedTableProps {
  readonly runs: readonly Run[];
  /** Ids of the columns that come first. */
  readonly first: readonly string[];
  /** By column: the look of its numbers that a person has chosen. */
  readonly looks: Readonly<Record<string, NumberLook>>;
}

/** A column as it is drawn. */
interface DrawnColumn {
  readonly id: string;
  readonly title: string;
  readonly className: string;
  cell(run: Run, row: number): ReactNode;
}

export function SharedTable({ runs, first, looks }: SharedTableProps) {
  const columns = useMemo(() => drawnColumns(runs, first, looks), [runs, first, looks]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
    <div className="shared-table" tabIndex={0} role="group" aria-label="Runs, scrolled">
      <table>
        <thead>
          <tr>
            <th>Name</th>
            {columns.map(({ id, title, className }) => (
              <th key={id} className={className}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {runs.map((run, row) => (
            <tr key={run.id}>
              <th scope="row">
                <span>
                  <i className="dot" style={{ background: `var(--w-run-${run.color})` }} />
                  <bdi>{run.name}</bdi>
                </span>
              </th>
              {columns.map(({ id, className, cell }) => (
                <td key={id} className={className}>
                  {cell(run, row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const STATE: DrawnColumn = {
  id: "state",
  title: "State",
  className: "state",
  cell: ({ state }) => (
    <>
      <StateIcon state={state} /> {state}
    </>
  ),
};

const CREATED: DrawnColumn = {
  id: "created",
  title: "Created",
  className: "",
  cell: (run) => <Ago micros={run.created_micros} suffix=" ago" />,
};

function drawnColumns(
  runs: readonly Run[],
  first: readonly string[],
  looks: SharedTableProps["looks"],
): readonly DrawnColumn[] {
  const columns = columnsOf(runs, MOST_COLUMNS, first);
  const drawn = columns.map((column): DrawnColumn => {
    const { id, title, values } = column;
    const format = sharedFormat(column, looks);
    return {
      id,
      title,
      className: isNumeric(values) ? "number" : "",
      cell: (_, row) => (values[row] === null ? "null" : format(values[row]).text),
    };
  });
  const byId = new Map([STATE, CREATED, ...drawn].map((column) => [column.id, column]));
  return shownIds(columns, first).map((id) => byId.get(id)!);
}

function isNumeric(values: SharedColumn["values"]): boolean {
  return values.every((value) => value === undefined || value === null || typeof value === "number");
}

export function valueText(value: string | number | boolean | null | undefined): string {
  if (value === undefined) return "";
  if (typeof value !== "number") return String(value);
  return formatParameter(Number.isInteger(value) ? value : Number(value.toPrecision(6)));
}
