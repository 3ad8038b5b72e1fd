/** The runs of a share as a table: the columns of its view, config that differs, and results. */

import { type ReactNode, useMemo } from "react";
import type { Run } from "@/api/types";
import type { NumberLook } from "@/data/view/view";
import { Icon } from "@/ui/signs/icons";
import { StateIcon } from "@/ui/signs/state-icon";
import { Ago } from "@/ui/text/ago";
import { MidName } from "@/ui/text/mid-name";
import { columnsOf, type SharedColumn, sharedFormat, shownIds } from "./shared-values";

const MOST_COLUMNS = 8;

interface SharedTableProps {
  readonly runs: readonly Run[];
  /** Ids of the columns that come first. */
  readonly first: readonly string[];
  /** By column: the look of its numbers that a person has chosen. */
  readonly looks: Readonly<Record<string, NumberLook>>;
  /** Shows and hides runs; undefined: all are shown. */
  readonly eyes?: RunEyes | undefined;
  /** By id: addresses of pages of runs. */
  readonly hrefs?: Readonly<Record<string, string>> | undefined;
}

interface RunEyes {
  readonly hidden: ReadonlySet<string>;
  onTurn(ids: readonly string[], isHidden: boolean): void;
}

/** A column as it is drawn. */
interface DrawnColumn {
  readonly id: string;
  readonly lead: string;
  readonly title: string;
  readonly className: string;
  cell(run: Run, row: number): ReactNode;
}

export function SharedTable({ runs, first, looks, eyes, hrefs }: SharedTableProps) {
  const columns = useMemo(() => drawnColumns(runs, first, looks), [runs, first, looks]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
    <div className="shared-table" tabIndex={0} role="group" aria-label="Runs, scrolled">
      <table>
        <thead>
          <tr>
            <th>
              {eyes && (
                <Eye
                  name="all runs"
                  isShown={eyes.hidden.size < runs.length}
                  onTurn={(isHidden) =>
                    eyes.onTurn(
                      runs.map(({ id }) => id),
                      isHidden,
                    )
                  }
                />
              )}
              Name
            </th>
            {columns.map(({ id, lead, title, className }) => (
              <th key={id} className={className}>
                <MidName name={`${lead}${title}`} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {runs.map((run, row) => (
            <tr key={run.id} className={eyes?.hidden.has(run.id) ? "off" : undefined}>
              <th scope="row">
                <span>
                  {eyes && (
                    <Eye
                      name={run.name}
                      isShown={!eyes.hidden.has(run.id)}
                      onTurn={(isHidden) => eyes.onTurn([run.id], isHidden)}
                    />
                  )}
                  <i className="dot" style={{ background: `var(--w-run-${run.color})` }} />
                  <bdi>{hrefs?.[run.id] ? <a href={hrefs[run.id]}>{run.name}</a> : run.name}</bdi>
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

interface EyeProps {
  readonly name: string;
  readonly isShown: boolean;
  onTurn(isHidden: boolean): void;
}

function Eye({ name, isShown, onTurn }: EyeProps) {
  const label = `${isShown ? "Hide" : "Show"} ${name}`;
  return (
    <button
      type="button"
      className="eye"
      aria-pressed={isShown}
      aria-label={label}
      title={label}
      onClick={() => onTurn(isShown)}
    >
      <Icon name={isShown ? "eye" : "eyeoff"} isSmall />
    </button>
  );
}

/** Longer texts are whole on hover. */
function Value({ text }: { text: string }) {
  return (
    <span className="ell" title={text}>
      {text}
    </span>
  );
}

const STATE: DrawnColumn = {
  id: "state",
  lead: "",
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
  lead: "",
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
    const { id, lead, title, values } = column;
    const format = sharedFormat(column, looks);
    return {
      id,
      lead,
      title,
      className: isNumeric(values) ? "number" : "",
      cell: (_, row) => <Value text={values[row] === null ? "null" : format(values[row]).text} />,
    };
  });
  const byId = new Map([STATE, CREATED, ...drawn].map((column) => [column.id, column]));
  return shownIds(columns, first).map((id) => byId.get(id)!);
}

function isNumeric(values: SharedColumn["values"]): boolean {
  return values.every((value) => value === undefined || value === null || typeof value === "number");
}
