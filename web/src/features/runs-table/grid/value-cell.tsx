/** The content of a cell: a value in its column's format, a state, tags, versions, a time. */

import type { ReactNode } from "react";
import type { ProjectRef } from "@/api/types";
import { type Extent, type FormatCell, fractionInExtent } from "@/data/table/cell-format";
import { isTimeColumn, type TableColumn } from "@/data/table/columns";
import { StateIcon } from "@/ui/signs/state-icon";
import { Ago } from "@/ui/text/ago";
import { PersonAvatar } from "../../person";
import { ReasonLink } from "../../reason-link";

/** The look of a column's cells; the same object while that does not change. */
export interface ColumnLook {
  readonly column: TableColumn;
  readonly format: FormatCell;
  /** Draw where the value lies between these. */
  readonly extent: Extent | null;
  /** The best end of `extent`; null: neither. */
  readonly best: "min" | "max" | null;
}

/** A run that may have ended badly. */
interface EndedRun {
  readonly project: ProjectRef;
  readonly id: string;
  readonly state: string;
  /** Text: why it ended badly. */
  readonly reason: unknown;
}

/** Columns with several texts. */
const LISTS = new Set(["tags", "used", "logged"]);

/** Columns with the name of a user. */
const PEOPLE = new Set(["user", "edited_by", "locked_by"]);

export function cellClass(column: TableColumn, startsBand: boolean): string {
  return `c${startsBand ? " gs" : ""}${column.isNumeric ? " number" : ""}${column.scope === "run" ? " own" : ""}`;
}

/** A run's value. `undefined`: on its way. State and reason of a bad end lead to the errors in the run's log. */
export function valueNode(look: ColumnLook, value: unknown, run: EndedRun): ReactNode {
  const { column } = look;
  if (value === undefined) return <span className="rt-sk" />;
  if (value === null) return null;
  if (column.id === "state")
    return (
      <EndNode run={run} className="stt" title={`${value}: ${run.reason}`}>
        <StateIcon state={String(value)} />
        <span className="t2 ell">{String(value)}</span>
      </EndNode>
    );
  if (column.id === "reason")
    return (
      <EndNode run={run} className="ell">
        {String(value)}
      </EndNode>
    );
  if (LISTS.has(column.id)) return <Tags tags={value as readonly string[]} />;
  if (PEOPLE.has(column.id)) return <User name={String(value)} />;
  if (isTimeColumn(column.id)) return <Ago micros={Number(value)} />;
  const cell = look.format(value);
  if (cell.kind === "nonfinite") return <span className="flag dan">{cell.text}</span>;
  const fraction = look.extent ? fractionInExtent(value, look.extent) : null;
  if (fraction === null) return cell.whole ? <span title={cell.whole}>{cell.text}</span> : cell.text;
  const isBest = look.best !== null && fraction === (look.best === "max" ? 1 : 0);
  return (
    <span className={isBest ? "posv best" : "posv"}>
      <span className="posn" title="Place between the column's lowest and highest">
        <i style={{ left: `${(fraction * 100).toFixed(1)}%` }} />
      </span>
      <span title={cell.whole}>{cell.text}</span>
    </span>
  );
}

interface EndNodeProps {
  readonly run: EndedRun;
  readonly className: string;
  /** Of a bad end. */
  readonly title?: string;
  readonly children: ReactNode;
}

/** A state or a reason: a link where the log tells more of it. */
function EndNode({ run, className, title, children }: EndNodeProps) {
  const { project, id, state, reason } = run;
  if (typeof reason !== "string") return <span className={className}>{children}</span>;
  return (
    <ReasonLink
      project={project}
      run={id}
      state={state}
      reason={reason}
      className={`${className} plain`}
      title={title}
      tabIndex={-1}
    >
      {() => children}
    </ReasonLink>
  );
}

function Tags({ tags }: { tags: readonly string[] }) {
  return (
    <span className="rt-tags" title={tags.join(", ")}>
      {tags.map((tag) => (
        <span className="tag" key={tag}>
          {tag}
        </span>
      ))}
    </span>
  );
}

function User({ name }: { name: string }) {
  return (
    <span className="stt">
      <PersonAvatar user={name} size="sm" />
      <span className="t2 ell">{name}</span>
    </span>
  );
}
