/**
 * What is set for all tables of a panel: the search, the columns, and the way back from filters.
 */

import type { TableColumn } from "@/api/tables";
import { Button } from "@/ui/controls/button";
import { Icon } from "@/ui/signs/icons";
import { ColumnList } from "./column-list";
import { isNarrowed, type RowOptions } from "./options";

interface RowOptionsProps {
  readonly options: RowOptions;
  onOptions(part: Partial<RowOptions>, name: string): void;
}

export function ClearButton({ options: { search, filters }, onOptions }: RowOptionsProps) {
  return (
    <Button isSmall look="quiet" onClick={() => onOptions({ search: "", filters: [] }, "clear")}>
      {filters.length === 0 ? "Clear the search" : search === "" ? "Clear the filters" : "Clear all"}
    </Button>
  );
}

export function RowSearch({ options: { search }, onOptions }: RowOptionsProps) {
  const set = (text: string) => onOptions({ search: text }, "search");
  return (
    <div className="inp sm tbl-search">
      <Icon name="search" isSmall />
      <input
        type="text"
        placeholder="Search rows"
        aria-label="Search rows"
        spellCheck={false}
        autoComplete="off"
        value={search}
        onChange={(event) => set(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          if (search) event.stopPropagation();
          set("");
        }}
      />
    </div>
  );
}

/** At the end of the row of tools. */
export function EndTools({
  columns,
  options,
  onOptions,
}: RowOptionsProps & { columns: readonly TableColumn[] }) {
  return (
    <>
      {isNarrowed(options) && <ClearButton options={options} onOptions={onOptions} />}
      <span className="grow" />
      {columns.length > 1 && (
        <ColumnList
          columns={columns}
          hidden={options.hidden}
          onHidden={(hidden) => onOptions({ hidden }, "columns")}
        />
      )}
    </>
  );
}
