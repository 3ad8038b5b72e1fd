/** A filter on one column, at its head: its most frequent values to choose from, or a range of numbers. */

import { Popover } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { columnValuesQuery } from "@/api/runs/groups";
import type { RunSet } from "@/api/runs/run-requests";
import type { ProjectRef } from "@/api/types";
import type { FilterTree } from "@/data/filter/tree";
import { plainText } from "@/data/table/cell-format";
import type { TableColumn } from "@/data/table/columns";
import { formatCount } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { Checkbox } from "@/ui/controls/checkbox";
import { NumberField } from "@/ui/fields/field";
import type { ColumnAnchor } from "./column-model";

interface ColumnFilterProps {
  readonly project: ProjectRef;
  readonly set: RunSet;
  readonly anchor: ColumnAnchor | null;
  readonly column: TableColumn | null;
  onAdd(part: FilterTree): void;
  onClose(): void;
}

export function ColumnFilter({ anchor, onClose, ...rest }: ColumnFilterProps) {
  return (
    <Popover
      opened={anchor !== null}
      onChange={(isOpen) => !isOpen && onClose()}
      width={260}
      trapFocus
      position="bottom-start"
    >
      <Popover.Target>
        <button
          type="button"
          aria-label="Filter by the column"
          tabIndex={-1}
          className="rt-anchor"
          style={{ left: anchor?.left ?? 0, top: anchor?.top ?? 0 }}
        />
      </Popover.Target>
      <Popover.Dropdown className="pop-body" aria-label="Filter by the column">
        {anchor && <Body key={anchor.column} id={anchor.column} onClose={onClose} {...rest} />}
      </Popover.Dropdown>
    </Popover>
  );
}

interface BodyProps extends Omit<ColumnFilterProps, "anchor"> {
  readonly id: string;
}

function Body(props: BodyProps) {
  const { id, column } = props;
  return (
    <div className="rt-cf">
      <h3>{column?.label ?? "Name"}</h3>
      {column?.isNumeric && id !== "created" && column.scope !== "run" ? (
        <Range {...props} />
      ) : (
        <Values {...props} />
      )}
    </div>
  );
}

function Range({ id, onAdd, onClose }: BodyProps) {
  const [low, setLow] = useState<number | null>(null);
  const [high, setHigh] = useState<number | null>(null);
  const apply = () => {
    const parts: FilterTree[] = [];
    if (low !== null) parts.push({ column: id, op: ">=", value: low });
    if (high !== null) parts.push({ column: id, op: "<=", value: high });
    for (const part of parts) onAdd(part);
    onClose();
  };
  return (
    <>
      <div className="row">
        <NumberField label="At least" value={low} onChange={setLow} />
        <NumberField label="At most" value={high} onChange={setHigh} />
      </div>
      <div className="dialog-end">
        <Button
          isSmall
          onClick={() => {
            onAdd({ column: id, op: "exists", value: true });
            onClose();
          }}
        >
          Has a value
        </Button>
        <Button isSmall look="ink" onClick={apply}>
          Filter
        </Button>
      </div>
    </>
  );
}

function Values({ project, set, id, onAdd, onClose }: BodyProps) {
  const values = useQuery(columnValuesQuery(project, id, set));
  const [chosen, setChosen] = useState<readonly unknown[]>([]);
  const plain = (values.data ?? []).filter(({ value }) => value === null || typeof value !== "object");
  const apply = (isOut: boolean) => {
    const part: FilterTree =
      chosen.length === 1
        ? { column: id, op: "=", value: chosen[0] }
        : { column: id, op: "in", value: [...chosen] };
    onAdd(isOut ? { not: part } : part);
    onClose();
  };
  return (
    <>
      <div className="rt-values">
        {plain.map(({ value, nRuns }) => (
          <div className="row" key={JSON.stringify(value)}>
            <Checkbox
              label={plainText(value) || "empty"}
              isOn={chosen.includes(value)}
              onChange={(isOn) =>
                setChosen(isOn ? [...chosen, value] : chosen.filter((other) => other !== value))
              }
            >
              {plainText(value) || <span className="muted">empty</span>}
            </Checkbox>
            <span className="grow" />
            <span className="meta tn">{formatCount(nRuns)}</span>
          </div>
        ))}
        {values.isSuccess && plain.length === 0 && <span className="muted">No run has a value</span>}
        {values.isError && <span className="errt">{values.error.message}</span>}
      </div>
      <div className="dialog-end">
        <Button isSmall disabled={chosen.length === 0} onClick={() => apply(true)}>
          Without these
        </Button>
        <Button isSmall look="ink" disabled={chosen.length === 0} onClick={() => apply(false)}>
          Only these
        </Button>
      </div>
    </>
  );
}
