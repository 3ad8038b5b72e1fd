/**
 * A column's name with its scope in grey: `config.` lr, `summary.` val/accuracy max.
 */

import { columnLead, labelOf } from "@/data/table/columns";
import { MidName } from "./mid-name";

export function ColumnName({ column }: { column: string }) {
  const { label, aggregate } = labelOf(column);
  const lead = columnLead(column);
  return (
    <span title={column}>
      {lead && <span className="muted">{lead}</span>}
      {label}
      {aggregate && <span className="muted"> {aggregate}</span>}
    </span>
  );
}

/** The same in a row of its own: where it has no room, the scope is left out first, then a part of the middle. */
export function FittedColumnName({ column }: { column: string }) {
  const { label, aggregate } = labelOf(column);
  const lead = columnLead(column);
  return (
    <span className="column-name" title={column}>
      {lead && <span className="muted">{lead}</span>}
      <span className="column-label">
        <MidName name={label} title={column} />
        {aggregate && <span className="muted">&nbsp;{aggregate}</span>}
      </span>
    </span>
  );
}
