/**
 * The table's toolbar: filter, groups, order, columns, search, export. One row; what does not fit is in menus.
 */

import { lazy, type RefObject, useRef, useState } from "react";
import type { ProjectRef } from "@/api/types";
import type { ColumnFacts } from "@/data/table/column-facts";
import type { ColumnLayout } from "@/data/table/columns";
import { formatCount } from "@/data/text/format";
import type { TableView } from "@/data/view/view";
import { SearchField } from "@/ui/fields/search-field";
import { usePageKeys } from "@/ui/keys/use-page-keys";
import { useSearchKeys } from "@/ui/keys/use-search-keys";
import { FilterButton } from "../runs/filter/filter-button";
import { MineButton } from "../runs/filter/mine-button";
import { PassingFilter } from "../runs/filter/passing-filter";
import { ColorMenu } from "../runs/keys/color-menu";
import { GroupMenu } from "../runs/keys/group-menu";
import { ListButton } from "../runs/keys/list-button";
import { SortMenu } from "../runs/keys/sort-menu";
import type { Runs } from "../runs/use-runs";
import { useSetView, useView } from "../view/view-store";
import { ViewsMenu } from "../view/views-menu";
import { ExportButton } from "./export-button";

const ColumnsWindow = lazy(async () => ({
  default: (await import("./columns/columns-window")).ColumnsWindow,
}));

interface TableToolbarProps {
  readonly project: ProjectRef;
  readonly runs: Runs;
  readonly layout: ColumnLayout;
  readonly table: TableView;
  readonly facts: readonly ColumnFacts[];
  /** Columns that there are to choose from. */
  readonly nKnown: number;
  readonly areKnown: boolean;
  setTable(part: Partial<TableView>): void;
  onAdded(column: string): void;
  onHide(columns: readonly string[]): void;
  /** From the search into the table. */
  onEnter(): void;
}

export function TableToolbar(props: TableToolbarProps) {
  const { project, runs, layout, table, facts, nKnown, areKnown, setTable, onAdded, onHide, onEnter } = props;
  const search = useRef<HTMLInputElement>(null);
  useSearchKeys({ "/": search });
  const [isFiltering, setFiltering] = useState(false);
  const [isGrouping, setGrouping] = useState(false);
  usePageKeys((key) => {
    if (key !== "f" && key !== "g") return false;
    const open = key === "f" ? setFiltering : setGrouping;
    open(true);
    return true;
  });
  const shown = [...layout.pinned, ...layout.scrolled].map((column) => column.id);
  return (
    <div className="toolbar rt-tools" role="toolbar" aria-label="Runs table">
      <ViewsMenu project={project} />
      <span className="vr" />
      <FilterButton project={project} runs={runs} look="full" isOpen={isFiltering} onOpen={setFiltering} />
      <MineButton look="quiet" />
      <PassingFilter />
      <GroupMenu project={project} isOpen={isGrouping} onOpen={setGrouping} />
      <SortMenu project={project} />
      <ColorMenu project={project} runs={runs} />
      <ListButton
        icon="cols"
        label="Columns"
        value={`${formatCount(shown.length)} of ${formatCount(Math.max(nKnown, shown.length))}`}
        width={320}
      >
        <ColumnsWindow
          project={project}
          shown={shown}
          table={table}
          facts={facts}
          areKnown={areKnown}
          setTable={setTable}
          onHide={onHide}
          onAdded={onAdded}
        />
      </ListButton>
      <span className="grow" />
      <RunSearch runs={runs} inputRef={search} onEnter={onEnter} />
      <ExportButton
        project={project}
        request={runs.request}
        total={runs.total}
        shown={shown}
        nKnown={nKnown}
        isKnown={areKnown && !runs.isOld}
      />
    </div>
  );
}

interface RunSearchProps {
  readonly runs: Runs;
  readonly inputRef: RefObject<HTMLInputElement | null>;
  onEnter(): void;
}

function RunSearch({ runs, inputRef, onEnter }: RunSearchProps) {
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
      onDown={onEnter}
    />
  );
}
