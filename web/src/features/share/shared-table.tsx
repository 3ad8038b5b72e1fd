/** The runs of a share as a table: config that differs, and results. */

import { useMemo } from "react";
import type { Run } from "@/api/types";
import { StateIcon } from "@/ui/signs/state-icon";
import { Ago } from "@/ui/text/ago";
import { columnsOf, type SharedColumn } from "./shared-values";

const MOST_COLUMNS = 8;

interface SharedTableProps {
  readonly runs: readonly Run[];
  /** Ids of the columns that come first. */
  readonly first: readonly string[];
}

export function SharedTable({ runs, first }: SharedTableProps) {
  const columns = useMemo(() => columnsOf(runs, MOST_COLUMNS, first), [runs, first]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
    <div className="shared-table" tabIndex={0} role="group" aria-label="Runs, scrolled">
      <table>
        <thead>
          <tr>
            <th>Name</th>
            <th>State</th>
            <th>Created</th>
            {columns.map(({ title, values }) => (
              <th key={title} className={isNumeric(values) ? "number" : ""}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {runs.map((run, n) => (
            <tr key={run.id}>
              <th scope="row">
                <span>
                  <i className="dot" style={{ background: `var(--w-run-${run.color})` }} />
                  <bdi>{run.name}</bdi>
                </span>
              </th>
              <td className="state">
                <StateIcon state={run.state} /> {run.state}
              </td>
              <td>
                <Ago micros={run.created_micros} suffix=" ago" />
              </td>
              {columns.map(({ title, values }) => (
                <td key={title} className={isNumeric(values) ? "number" : ""}>
                  {valueText(values[n])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function isNumeric(values: SharedColumn["values"]): boolean {
  return values.every((value) => value === undefined || value === null || typeof value === "number");
}

export function valueText(value: string | number | boolean | null | undefined): string {
  if (value === undefined) return "";
  const isRounded = typeof value === "number" && !Number.isInteger(value);
  return isRounded ? String(Number(value.toPrecision(6))) : String(value);
}
