/**
 * The table's toolbar: filter, groups, order, columns, search, export. One row; what does not fit is in menus.
 */

import { lazy, type RefObject, useRef } from "react";
import type { ProjectRef } from "@/api/types";
import { formatCount } from "@/data/format";
import { type ColumnLayout, changeTable } from "@/data/table/columns";
import { FIRST_VIEW, type TableView } from "@/data/view/view";
import { Button } from "@/ui/button";
import { SearchField } from "@/ui/search-field";
import { FilterButton } from "../runs/filter-button";
import { GroupMenu } from "../runs/group-menu";
import { ListButton } from "../runs/list-button";
import { SortMenu } from "../runs/sort-menu";
import type { Runs } from "../runs/use-runs";
import { useSetView, useView } from "../view/view-store";
import { ViewsMenu } from "../view/views-menu";
import { useSearchKeys } from "../workspace/use-search-keys";
import { ExportButton } from "./export-button";

const ColumnPicker = lazy(async () => ({
  default: (await import("../runs/column-picker")).ColumnPicker,
}));

interface TableToolbarProps {
  readonly project: ProjectRef;
  readonly runs: Runs;
  readonly layout: ColumnLayout;
  readonly table: TableView;
  /** Columns that there are to choose from. */
  readonly nKnown: number;
  setTable(part: Partial<TableView>): void;
}

export function TableToolbar({ project, runs, layout, table, nKnown, setTable }: TableToolbarProps) {
  const search = useRef<HTMLInputElement>(null);
  useSearchKeys({ "/": search });
  const shown = [...layout.pinned, ...layout.scrolled].map((column) => column.id);
  const isShown = new Set(shown);
  return (
    <div className="toolbar rt-tools" role="toolbar" aria-label="Runs table">
      <ViewsMenu project={project} />
      <span className="vr" />
      <FilterButton project={project} look="full" />
      <GroupMenu project={project} />
      <SortMenu project={project} />
      <ListButton
        icon="cols"
        label="Columns"
        value={`${formatCount(shown.length)} of ${formatCount(Math.max(nKnown, shown.length))}`}
        width={320}
      >
        <ColumnPicker
          project={project}
          label="Columns of the table"
          isOn={(column) => isShown.has(column)}
          onToggle={(column, isOn) =>
            setTable(isOn ? changeTable.show(table, column) : changeTable.hide(table, column))
          }
          end={
            <div className="keys-end">
              <Button
                isSmall
                look="quiet"
                onClick={() =>
                  setTable({ ...FIRST_VIEW.table, widths: table.widths, formats: table.formats })
                }
              >
                As at first
              </Button>
            </div>
          }
        />
      </ListButton>
      <span className="grow" />
      <RunSearch runs={runs} inputRef={search} />
      <ExportButton
        project={project}
        asked={runs.asked}
        total={runs.total}
        shown={shown}
        known={layout.known}
        isAll={layout.known.length >= nKnown}
      />
    </div>
  );
}

function RunSearch({ runs, inputRef }: { runs: Runs; inputRef: RefObject<HTMLInputElement | null> }) {
  const runSearch = useView((view) => view.runSearch);
  const isRunRegex = useView((view) => view.isRunRegex);
  const setView = useSetView();
  return (
    <SearchField
      label="Search runs"
      width={220}
      inputRef={inputRef}
      value={runSearch}
      isRegex={isRunRegex}
      error={runs.error && runSearch ? runs.error.message : null}
      onChange={(text) => setView({ runSearch: text })}
      onRegex={(isRegex) => setView({ isRunRegex: isRegex })}
    />
  );
}
