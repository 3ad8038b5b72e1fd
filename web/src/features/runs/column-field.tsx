/**
 * A field for the name of a column, with those that runs have offered while one types.
 */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { columnsQuery } from "@/api/columns";
import type { ProjectRef } from "@/api/types";
import { formatCount } from "@/data/format";
import { labelOf } from "@/data/table/columns";
import { Combobox } from "@/ui/combobox";
import { useSettled } from "./use-settled";

const OFFERED = 60;

interface ColumnFieldProps {
  readonly project: ProjectRef;
  readonly column: string;
  readonly label?: string;
  readonly placeholder?: string;
  readonly autoFocus?: boolean;
  /** Not offered. */
  readonly without?: readonly string[];
  onColumn(column: string): void;
}

export function ColumnField({
  project,
  column,
  label = "Column",
  placeholder,
  autoFocus,
  without = [],
  onColumn,
}: ColumnFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const search = useSettled(typed ?? "");
  const query = useInfiniteQuery(columnsQuery(project, search));
  const columns = query.data?.pages[0]?.columns ?? [];
  return (
    <Combobox
      label={label}
      text={typed ?? column}
      placeholder={placeholder}
      autoFocus={autoFocus}
      isLoading={query.isPending}
      nothing="No column is called so"
      suggestions={columns
        .filter((one) => !without.includes(one.column))
        .slice(0, OFFERED)
        .map((one) => ({
          value: one.column,
          label: <ColumnName column={one.column} />,
          meta: formatCount(one.n_runs),
        }))}
      onText={setTyped}
      onChoose={(next) => {
        setTyped(null);
        onColumn(next);
      }}
      onEnter={(text) => {
        const exact = columns.find((one) => one.column === text) ?? columns[0];
        if (!exact) return;
        setTyped(null);
        onColumn(exact.column);
      }}
    />
  );
}

/** A column's name with its scope in grey: `config.` lr. */
export function ColumnName({ column }: { column: string }) {
  const { label, aggregate } = labelOf(column);
  const dot = column.indexOf(".");
  return (
    <span title={column}>
      {dot > 0 && <span className="muted">{column.slice(0, dot + 1)}</span>}
      {dot > 0 ? label : column}
      {aggregate && <span className="muted"> {aggregate}</span>}
    </span>
  );
}
