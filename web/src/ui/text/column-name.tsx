/**
 * A column's name with its scope in grey: `config.` lr, `summary.` val/accuracy max. Where there is little room, the scope
 * is left out, then the name loses a part of its middle.
 */

import { columnLead, labelOf } from "@/data/table/columns";
import { MidName } from "./mid-name";

export function ColumnName({ column }: { column: string }) {
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
