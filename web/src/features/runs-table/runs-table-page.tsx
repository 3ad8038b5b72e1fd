/**
 * The runs table: all runs of a project by all their columns, of the same view as the workspace.
 */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { ApiError } from "@/api/client";
import { type AllFigures, allFiguresQuery } from "@/api/group-figures";
import { useLive } from "@/api/live";
import { countQuery } from "@/api/run-rows";
import { tableColumnsQuery } from "@/api/table-columns";
import type { ProjectRef } from "@/api/types";
import { RUNNING } from "@/data/filter/tree";
import { formatCount, formatNoun } from "@/data/format";
import { formatRunTime } from "@/data/table/cell-format";
import { changeTable, layoutColumns, siblingsOf, type TableColumn } from "@/data/table/columns";
import type { NumberLook, TableView } from "@/data/view/view";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { PageProblem } from "@/ui/page-problem";
import { useStable } from "@/ui/use-stable";
import { usePageStatus } from "../page-status";
import { BulkBar } from "../runs/bulk-bar";
import { useSelectAll } from "../runs/run-selection";
import { useEntry } from "../runs/use-entry";
import { useFilterParts } from "../runs/use-filter";
import { type Runs, useRuns } from "../runs/use-runs";
import { useTags } from "../runs/use-tags";

import { useSetView, useView, ViewProvider } from "../view/view-store";
import { EmptyProject } from "../workspace/empty-project";
import { ColumnFilter } from "./column-filter";
import { anchorBelow, type ColumnActions, type ColumnAnchor, ColumnMenu } from "./column-menu";
import { gridLayout, namePx } from "./grid-layout";
import { LoadingGrid } from "./loading-grid";
import { TableGrid } from "./table-grid";
import { TableToolbar } from "./table-toolbar";
import "./runs-table.css";

const NO_COLUMNS: readonly string[] = [];
const NO_FACTS: readonly never[] = [];
const ALL_RUNS = { filter: "", search: "", isRegex: false };

/** `--w-rail` and the scroll bar. */
const RAIL_PX = 60 + 12;

function onResize(notify: () => void): () => void {
  window.addEventListener("resize", notify);
  return () => window.removeEventListener("resize", notify);
}

export function RunsTablePage() {
  const { entity, project } = useParams({ from: "/$entity/$project/runs" });
  return (
    <ViewProvider key={`${entity}/${project}`} project={{ entity, project }}>
      <RunsTable entity={entity} project={project} />
    </ViewProvider>
  );
}

function RunsTable({ entity, project }: ProjectRef) {
  const [ref] = useState<ProjectRef>({ entity, project });
  const link = useLive(ref);
  const runs = useRuns(ref, NO_COLUMNS);
  const table = useView((view) => view.table);
  const order = useView((view) => view.order);
  const groupBy = useView((view) => view.groupBy);
  const isNarrowed = useView((view) => view.runSearch !== "" || view.filter.trim() !== "");
  const setView = useSetView();
  const columns = useQuery(tableColumnsQuery(ref));
  const facts = columns.data?.columns ?? NO_FACTS;
  const tags = useTags(ref);

  const windowPx = useSyncExternalStore(onResize, () => window.innerWidth);
  const layoutOfColumns = useMemo(() => {
    const roomPx = windowPx - RAIL_PX - namePx(table.widths);
    return layoutColumns(
      facts,
      table,
      order.map(({ column }) => column),
      roomPx,
    );
  }, [facts, table, order, windowPx]);
  const shown = useMemo(() => [...layoutOfColumns.pinned, ...layoutOfColumns.scrolled], [layoutOfColumns]);
  const layout = useMemo(() => gridLayout(layoutOfColumns, table.widths), [layoutOfColumns, table.widths]);
  const all = useQuery({
    ...allFiguresQuery(ref, runs.asked, NO_COLUMNS),
    placeholderData: keepPreviousData,
  });
  const nRunning = all.data?.states.get("running") ?? 0;
  const filter = useFilterParts();
  const onRunning = useStable(() => filter.toggle(RUNNING));
  useEffect(() => {
    usePageStatus.setState({ link, nRunning, onRunning });
    return () => usePageStatus.setState({ link: null, nRunning: 0, onRunning: null });
  }, [link, nRunning, onRunning]);

  const { rows: grid, enter } = useEntry(runs, !columns.isPending);
  const [menu, setMenu] = useState<ColumnAnchor | null>(null);
  const [filtered, setFiltered] = useState<ColumnAnchor | null>(null);
  const byName = useMemo(() => new Map(shown.map((column) => [column.id, column])), [shown]);
  const selectAll = useSelectAll(ref, runs);
  const setTable = (part: Partial<TableView>, coalesce?: string) =>
    setView((view) => ({ table: { ...view.table, ...part } }), coalesce ? { coalesce } : undefined);

  const onShift = useStable((column: string, by: 1 | -1) => {
    const isPinned = table.pinned.includes(column);
    const names = isPinned ? [...table.pinned] : layout.scrolled.map((one) => one.id);
    const at = names.indexOf(column);
    const before = names[by > 0 ? at + 2 : at - 1] ?? null;
    if (at < 0 || (by < 0 && at === 0)) return;
    setTable(
      isPinned
        ? changeTable.movePinned(table, column, before)
        : changeTable.move(layoutOfColumns, column, before),
    );
  });
  const onHide = (columns: readonly string[]) =>
    setView((view) => ({
      table: { ...view.table, ...changeTable.hideAll(view.table, columns) },
      // what runs are sorted by is always shown
      order: view.order.filter(({ column }) => !columns.includes(column)),
    }));
  const actions: ColumnActions = {
    onSort: (column, descending, isAdded) =>
      setView((view) => ({
        order: [
          ...(isAdded ? view.order.filter((one) => one.column !== column) : []),
          { column, descending },
        ],
      })),
    onUnsort: (column) => setView((view) => ({ order: view.order.filter((one) => one.column !== column) })),
    onFilter: () => setFiltered(menu),
    onGroup: (column) => setView((view) => ({ groupBy: [...view.groupBy, column] })),
    onPin: (column, isPinned) => setTable(changeTable.pin(table, column, isPinned)),
    onHide: (column) => onHide([column]),
    onInstead: (column, other) =>
      setView((view) => ({
        table: { ...view.table, ...changeTable.exchange(layoutOfColumns, view.table, column, other) },
        order: view.order.map((one) => (one.column === column ? { ...one, column: other } : one)),
      })),
    onShift,
    onFormat(column, look: NumberLook | null) {
      const { [column]: _, ...others } = table.formats;
      setTable({ formats: look === null ? others : { ...others, [column]: look } });
    },
  };
  const head = {
    onMenu: useStable((column: string, element: Element) => setMenu(anchorBelow(column, element))),
    onMove: useStable((column: string, before: string | null, isPinned: boolean) =>
      setTable(
        isPinned
          ? changeTable.movePinned(table, column, before)
          : changeTable.move(layoutOfColumns, column, before),
      ),
    ),
    onResize: useStable((column: string, widthPx: number) => {
      const { [column]: _, ...others } = table.widths;
      if (Number.isNaN(widthPx)) setTable({ widths: others });
      else setTable(changeTable.resize(table, column, widthPx), `width ${column}`);
    }),
  };
  // its handlers never change
  const [gridHead] = useState(head);

  const isMissing = runs.error instanceof ApiError && runs.error.status === 404;
  const isEmpty = !runs.isPending && !runs.isOld && runs.nRows === 0 && !runs.error && !isNarrowed;
  if (isEmpty || isMissing) return <EmptyProject {...ref} />;
  if (runs.error && runs.nRows === 0 && !isNarrowed && !runs.isOld) {
    return (
      <PageProblem icon="warn" title="The runs could not be read">
        <span>{runs.error.message}</span>
        <Button isSmall onClick={runs.retry}>
          Try again
        </Button>
      </PageProblem>
    );
  }
  return (
    <main className="rt-page">
      <TableToolbar
        project={ref}
        runs={runs}
        layout={layoutOfColumns}
        table={table}
        facts={facts}
        nKnown={nKnown(layoutOfColumns.known, columns.data?.totals)}
        areKnown={!columns.isPending}
        setTable={setTable}
        onHide={onHide}
        onEnter={enter}
      />
      {runs.isPending || columns.isPending ? (
        <LoadingGrid />
      ) : runs.nRows === 0 ? (
        <NothingFound runs={runs} />
      ) : (
        <TableGrid
          ref={grid}
          project={ref}
          runs={runs}
          layout={layout}
          facts={facts}
          counts={countsOf(shown, columns.data?.totals)}
          openColumn={menu?.column ?? null}
          tags={tags}
          head={gridHead}
          onShift={onShift}
        />
      )}
      <Foot project={ref} runs={runs} all={all.data} />
      <BulkBar project={ref} total={runs.total} onSelectAll={selectAll} />
      <ColumnMenu
        anchor={menu}
        column={menu ? (byName.get(menu.column) ?? null) : null}
        order={order}
        groupBy={groupBy}
        isPinned={menu !== null && table.pinned.includes(menu.column)}
        goal={facts.find((one) => one.column === menu?.column)?.goal ?? null}
        others={menu ? siblingsOf(menu.column, facts) : NO_COLUMNS}
        look={menu ? table.formats[menu.column] : undefined}
        onClose={() => setMenu(null)}
        {...actions}
      />
      <ColumnFilter
        project={ref}
        set={runs.asked}
        anchor={filtered}
        column={filtered ? (byName.get(filtered.column) ?? null) : null}
        onAdd={filter.add}
        onClose={() => setFiltered(null)}
      />
    </main>
  );
}

type Totals = Readonly<Record<"config" | "summary" | "writer", number>> | undefined;

function nKnown(known: readonly string[], totals: Totals): number {
  if (!totals) return known.length;
  const nRun = known.filter((column) => !column.includes(".")).length;
  return nRun + totals.config + totals.summary + totals.writer;
}

/** `4 of 41` beside the title of a scope, where some are not shown. */
function countsOf(shown: readonly TableColumn[], totals: Totals): Readonly<Record<string, string>> {
  const counts: Record<string, string> = {};
  for (const scope of ["config", "summary", "writer"] as const) {
    const n = shown.filter((column) => column.scope === scope).length;
    const total = Math.max(n, totals?.[scope] ?? 0);
    counts[scope] = n === total ? String(n) : `${n} of ${total}`;
  }
  return counts;
}

function NothingFound({ runs }: { runs: Runs }) {
  const setView = useSetView();
  const isWrong = runs.error instanceof ApiError && runs.error.status === 400;
  if (runs.error) {
    return (
      <EmptyState
        icon="warn"
        title={isWrong ? "The filter or the search is wrong" : "The runs could not be read"}
        action={
          isWrong ? (
            <Button isSmall onClick={() => setView({ filter: "", runSearch: "" })}>
              Clear filter and search
            </Button>
          ) : (
            <Button isSmall onClick={runs.retry}>
              Try again
            </Button>
          )
        }
      >
        {runs.error.message}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon="search"
      title="No run matches"
      action={
        <Button isSmall onClick={() => setView({ filter: "", runSearch: "" })}>
          Clear filter and search
        </Button>
      }
    >
      No run of the project fits the filter and the search.
    </EmptyState>
  );
}

function Foot({ project, runs, all }: { project: ProjectRef; runs: Runs; all: AllFigures | undefined }) {
  const { filter, search } = runs.asked;
  const isNarrowed = filter.trim() !== "" || search !== "";
  const whole = useQuery({ ...countQuery(project, ALL_RUNS), enabled: isNarrowed });
  const nAll = isNarrowed && whole.data !== undefined ? `${formatCount(runs.total)} of ` : "";
  const nGroups = runs.asked.by.length > 0 ? `, ${formatNoun(runs.nGroups, "group")}` : "";
  return (
    <div className="rt-foot" role="status">
      <span hidden={runs.isPending || runs.error !== null}>
        {nAll}
        {formatNoun(nAll ? (whole.data ?? 0) : runs.total, "run")}
        {nGroups}
      </span>
      <span className="grow" />
      {all && all.runtimeSecs > 0 && <span>{formatRunTime(all.runtimeSecs)} of run time</span>}
    </div>
  );
}
