/** A column's name with its scope in grey: `config.` lr, `summary.` val/accuracy max. */

import { columnLead, labelOf } from "@/data/table/columns";

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
