/**
 * Chooses a column of the runs table: what is typed is looked for on the server.
 */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { type Column, columnsQuery } from "@/api/columns";
import type { ProjectRef } from "@/api/types";
import { formatNoun } from "@/data/format";
import { Combobox } from "@/ui/combobox";
import { IconButton } from "@/ui/icon-button";

interface ColumnFieldProps {
  readonly project: ProjectRef;
  readonly label: string;
  /** Null: none is chosen. */
  readonly value: string | null;
  readonly placeholder?: string;
  /** Only columns with numbers. */
  readonly needsNumbers?: boolean;
  /** A button takes the choice back. */
  readonly canClear?: boolean;
  onChange(column: string | null): void;
}

export function ColumnField(props: ColumnFieldProps) {
  const { project, label, value, placeholder, needsNumbers, canClear, onChange } = props;
  // null: the field shows what is chosen
  const [typed, setTyped] = useState<string | null>(null);
  const search = useDeferredValue(typed ?? "");
  const query = useInfiniteQuery({ ...columnsQuery(project, search), enabled: typed !== null });
  const found = query.data?.pages.flatMap((page) => page.columns) ?? [];
  const fitting = needsNumbers ? found.filter(hasNumbers) : found;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: watches the focus of the field within
    <span className="row grow" onFocus={() => setTyped("")} onBlur={() => setTyped(null)}>
      <Combobox
        label={label}
        text={typed ?? value ?? ""}
        placeholder={value ?? placeholder ?? "Column"}
        isMono
        isLoading={query.isFetching}
        nothing={`No column has “${search}” in its name`}
        width="100%"
        suggestions={fitting.map((column) => ({
          value: column.column,
          meta: formatNoun(column.n_runs, "run"),
        }))}
        onText={setTyped}
        onChoose={(column) => {
          setTyped(null);
          onChange(column);
        }}
      />
      {canClear && value !== null && (
        <IconButton icon="x" label={`Clear ${label}`} isSmall onClick={() => onChange(null)} />
      )}
    </span>
  );
}

function hasNumbers({ kinds }: Column): boolean {
  return ((kinds as Record<string, number>).number ?? 0) > 0;
}
