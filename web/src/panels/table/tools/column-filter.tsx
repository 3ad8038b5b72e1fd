/** The filter of one column of a table, at its head: what is typed holds at once. */

import { useState } from "react";
import type { TableColumn } from "@/api/files/tables";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { Select } from "@/ui/controls/select";
import { TextField } from "@/ui/fields/field";
import { Popover } from "@/ui/overlays/popover";
import {
  boundError,
  conditionKind,
  conditionText,
  type Draft,
  draftOf,
  filtersOf,
  NO_DRAFT,
  type TableFilter,
  type TextOp,
} from "./conditions";

interface ColumnFilterProps {
  readonly column: TableColumn;
  /** Of all columns. */
  readonly filters: readonly TableFilter[];
  /** The conditions on this column. */
  onFilters(own: readonly TableFilter[]): void;
}

const WIDTH_PX = 260;

const TEXT_OPS: readonly { value: TextOp; label: string }[] = [
  { value: "contains", label: "contains" },
  { value: "=", label: "is" },
  { value: "!=", label: "is not" },
  { value: "matches", label: "matches the pattern" },
];
const TRUTHS = [
  { value: "", label: "Any" },
  { value: "true", label: "True" },
  { value: "false", label: "False" },
] as const;
const PRESENCES = [
  { value: "any", label: "All cells" },
  { value: "filled", label: "With a value" },
  { value: "empty", label: "Empty" },
] as const;

export function ColumnFilter({ column, filters, onFilters }: ColumnFilterProps) {
  const own = filters.filter((filter) => filter.column === column.name);
  const conditionsText = own.map(conditionText).join(", ");
  return (
    <Popover
      label={`Filter by ${column.title}`}
      width={WIDTH_PX}
      isForTyping
      target={
        <IconButton
          icon="filter"
          isSmall
          isOn={own.length > 0}
          label={`Filter by ${column.title}${conditionsText && `: ${conditionsText}`}`}
          className="tbl-filter"
        />
      }
    >
      {(close) => <Fields column={column} filters={own} onFilters={onFilters} onClose={close} />}
    </Popover>
  );
}

function Fields({ column, filters, onFilters, onClose }: ColumnFilterProps & { onClose(): void }) {
  const kind = conditionKind(column);
  const [draft, setDraft] = useState(() => draftOf(column.name, kind, filters));
  const set = (part: Partial<Draft>) => {
    const next = { ...draft, ...part };
    setDraft(next);
    onFilters(filtersOf(column.name, kind, next));
  };
  const bound = (end: "low" | "high", label: string) => (
    <TextField
      label={label}
      value={draft[end]}
      error={boundError(kind, draft[end])}
      inputMode={kind === "number" ? "decimal" : "text"}
      placeholder={kind === "time" ? "2026-01-31 14:30" : ""}
      onChange={(text) => set({ [end]: text })}
    />
  );
  return (
    <form
      className="tbl-cf"
      onSubmit={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h3 className="ell">
        {column.title} <span className="muted type">{column.type}</span>
      </h3>
      {kind === "text" && (
        <>
          <Select
            label="Comparison"
            value={draft.op}
            options={TEXT_OPS}
            isWide
            onChange={(op) => set({ op })}
          />
          <TextField
            label="Text"
            isBare
            isMono={draft.op === "matches"}
            value={draft.text}
            placeholder={draft.op === "matches" ? "^cat|dog$" : "text"}
            onChange={(text) => set({ text })}
          />
        </>
      )}
      {kind === "number" && (
        <div className="tbl-bounds">
          {bound("low", "At least")}
          {bound("high", "At most")}
        </div>
      )}
      {kind === "time" && (
        <>
          {bound("low", "From")}
          {bound("high", "Before")}
        </>
      )}
      {kind === "boolean" && (
        <SegmentedControl
          label="Value"
          value={draft.truth}
          options={TRUTHS}
          onChange={(truth) => set({ truth })}
        />
      )}
      <SegmentedControl
        label="Cells"
        value={draft.presence}
        options={PRESENCES}
        onChange={(presence) => set({ presence })}
      />
      <div className="dialog-end">
        <Button isSmall disabled={filters.length === 0} onClick={() => set(NO_DRAFT)}>
          Clear
        </Button>
        <Button isSmall look="ink" type="submit">
          Done
        </Button>
      </div>
    </form>
  );
}
