/** Settings of all tables of a panel: the search, the columns, and the way back from filters. */

import type { ReactNode } from "react";
import type { TableColumn } from "@/api/files/tables";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { Select } from "@/ui/controls/select";
import { Icon } from "@/ui/signs/icons";
import { isNarrowed, type RowOptions, withComputed } from "../options";
import { firstPlot } from "../plot/plot-spec";
import { ColumnList } from "./column-list";

interface RowOptionsProps {
  readonly options: RowOptions;
  onOptions(part: Partial<RowOptions>, name: string): void;
}

export function ClearButton({ options: { search, filters }, onOptions }: RowOptionsProps) {
  // their columns may be out of sight
  const columns = [...new Set(filters.map(({ column }) => column))].join(", ");
  const words =
    filters.length === 0 ? "Clear the search" : search === "" ? "Clear the filters" : "Clear all filters";
  const label = columns ? `${words} of ${columns}` : words;
  return (
    <Button
      isSmall
      look="quiet"
      className="tbl-clear"
      aria-label={label}
      title={columns && `Rows are filtered by ${columns}`}
      onClick={() => onOptions({ search: "", filters: [] }, "clear")}
    >
      <span className="ell">{label}</span>
      <span className="short">Clear</span>
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

interface EndToolsProps extends RowOptionsProps {
  readonly columns: readonly TableColumn[];
  readonly join?: ReactNode;
  /** The first column names the runs of the rows. */
  readonly hasRuns?: boolean;
}

const NO_GROUP = "";
/** Of grouped rows, where the column is that says how many rows there are. */
export const COUNT_INDEX = 1;

/** At the end of the row of tools. */
export function EndTools({ columns, options, join, hasRuns = false, onOptions }: EndToolsProps) {
  const { group, computed } = options;
  const plot = firstPlot(columns, hasRuns && group === null);
  return (
    <>
      {isNarrowed(options) && <ClearButton options={options} onOptions={onOptions} />}
      <span className="grow" />
      {join}
      {(columns.length > 1 || group !== null) && (
        <Select
          label="Group by"
          isLabelVisible
          isSmall
          isQuiet
          value={group ?? NO_GROUP}
          options={[
            { value: NO_GROUP, label: "nothing" },
            ...columns
              .filter((_, index) => group === null || index !== COUNT_INDEX)
              .map(({ name }) => ({ value: name, label: name })),
          ]}
          onChange={(name) => onOptions({ group: name === NO_GROUP ? null : name, sort: null }, "group")}
        />
      )}
      {plot && options.plot === null && (
        <IconButton
          icon="scatter"
          label="Plot"
          isSmall
          className="tbl-plot"
          onClick={() => onOptions({ plot }, "plot")}
        />
      )}
      {(columns.length > 1 || computed.length > 0) && (
        <ColumnList
          columns={columns}
          computed={computed}
          onComputed={(next) => onOptions(withComputed(options, next), "computed columns")}
          hidden={options.hidden}
          onHidden={(hidden) => onOptions({ hidden }, "columns")}
        />
      )}
    </>
  );
}
