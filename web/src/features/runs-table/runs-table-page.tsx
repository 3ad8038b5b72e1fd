/** The runs table: all runs of a project by all their columns, of the same view as the workspace. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import {
  type CSSProperties,
  lazy,
  Suspense,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import { useStore } from "zustand";
import { ApiError } from "@/api/client";
import { useLive } from "@/api/live/live";
import { allFiguresQuery } from "@/api/runs/group-figures";
import { RUNNING_RUNS } from "@/api/runs/run-requests";
import { countQuery } from "@/api/runs/run-rows";
import { tableColumnsQuery } from "@/api/runs/table-columns";
import type { ProjectRef } from "@/api/types";
import { countKnown, countsOf } from "@/data/table/column-counts";
import { type ColumnLayout, layoutColumns, siblingsOf } from "@/data/table/columns";
import { LOCK_COLUMNS } from "@/data/view/view";
import { usePhone } from "@/ui/hooks/use-phone";
import { PageFault } from "@/ui/signs/fault";
import { usePageStatus } from "../page-status";
import { BulkBar } from "../runs/actions/bulk-bar";
import { useSelectAll } from "../runs/actions/run-selection";
import { useTags } from "../runs/actions/use-tags";
import { useToggleRunning } from "../runs/filter/passing-filter";
import { useFilterParts } from "../runs/filter/use-filter";
import { useModel } from "../runs/row-model";
import { namesInSight } from "../runs/rows/names-in-sight";
import { useEntry } from "../runs/use-entry";
import { type Runs, useRuns } from "../runs/use-runs";
import { ViewProvider } from "../view/page-view";
import { useSetView, useView } from "../view/view-store";
import { ColumnFilter } from "./columns/column-filter";
import { ColumnMenu } from "./columns/column-menu";
import { ColumnModel } from "./columns/column-model";
import { gridLayout, namePx, ROW_PX } from "./grid/grid-layout";
import { LoadingGrid } from "./grid/loading-grid";
import { TableGrid } from "./grid/table-grid";
import { NoMatches } from "./no-matches";
import { TableFoot } from "./table-foot";
import { TableToolbar } from "./table-toolbar";
import "./runs-table.css";

const EmptyProject = lazy(() => import("../runs/empty/empty-project"));

/** Columns of groups: the mean, `2 min 31 s mean`, and numbers of runs in four states. */
const GROUP_PX = { runtime: 132, state: 176 };
/** Of the rows those of which the names are measured. */
const MOST_MEASURED = 500;
const NO_COLUMNS: readonly string[] = [];
const NO_FACTS: readonly never[] = [];

/** `--w-rail` and the scroll bar. */
const RAIL_PX = 60 + 12;

function onResize(notify: () => void): () => void {
  window.addEventListener("resize", notify);
  return () => window.removeEventListener("resize", notify);
}

/** Nothing but the name stands still; what is pinned comes first, then numbers. */
function onPhone({ pinned, scrolled, ...rest }: ColumnLayout): ColumnLayout {
  const numbers = scrolled.filter(({ scope }) => scope === "summary");
  return { ...rest, pinned: [], scrolled: [...new Set([...pinned, ...numbers, ...scrolled])] };
}

export function RunsTablePage() {
  const { entity, project } = useParams({ from: "/$entity/$project/runs" });
  return (
    <ViewProvider key={`${entity}/${project}`} project={{ entity, project }}>
      <RunsTable entity={entity} project={project} />
    </ViewProvider>
  );
}

/**
 * Letters of the longest name of each list of runs that was shown: runs that come later move no column. Of a list in
 * groups, of those that were open.
 */
function useLongestName(runs: Runs): number {
  const { firstPage, request } = runs;
  const [seen, setSeen] = useState<{ readonly request: Runs["request"]; readonly longest: number } | null>(
    null,
  );
  const isGrouped = request.by.length > 0;
  const end = isGrouped ? Math.min(runs.nRows, MOST_MEASURED) : firstPage.length;
  const names = namesInSight(runs, { first: 0, end }).texts;
  const longest = Math.max(seen?.longest ?? 0, ...names.map((name) => name.length));
  const isNew = isGrouped ? longest !== seen?.longest : seen?.request !== request;
  if (isNew && names.length > 0) setSeen({ request, longest });
  return seen?.longest ?? 0;
}

export function RunsTable({ entity, project }: ProjectRef) {
  const [ref] = useState<ProjectRef>({ entity, project });
  const link = useLive(ref);
  const runs = useRuns(ref, LOCK_COLUMNS);
  const table = useView((view) => view.table);
  const order = useView((view) => view.order);
  const groupBy = useView((view) => view.groupBy);
  const isNarrowed = useView(
    (view) => view.runSearch !== "" || view.filter.trim() !== "" || view.passingFilter !== "",
  );
  const columns = useQuery(tableColumnsQuery(ref));
  const facts = columns.data?.columns ?? NO_FACTS;
  const tags = useTags(ref);

  const windowPx = useSyncExternalStore(onResize, () => window.innerWidth);
  const isNarrow = usePhone();
  const firstPx = namePx(table.widths, useLongestName(runs), windowPx, groupBy.length);
  const layoutOfColumns = useMemo(() => {
    const roomPx = windowPx - RAIL_PX - firstPx;
    const columns = layoutColumns(
      facts,
      groupBy.length > 0 ? { ...table, widths: { ...GROUP_PX, ...table.widths } } : table,
      order.map(({ column }) => column),
      roomPx,
    );
    return isNarrow ? onPhone(columns) : columns;
  }, [facts, table, groupBy, order, windowPx, firstPx, isNarrow]);
  const shown = useMemo(() => [...layoutOfColumns.pinned, ...layoutOfColumns.scrolled], [layoutOfColumns]);
  const layout = useMemo(() => gridLayout(layoutOfColumns, firstPx), [layoutOfColumns, firstPx]);
  const all = useQuery({
    ...allFiguresQuery(ref, runs.request, NO_COLUMNS),
    placeholderData: keepPreviousData,
  });
  const nRunning = useQuery(countQuery(ref, RUNNING_RUNS)).data ?? 0;
  const filter = useFilterParts();
  const onRunning = useToggleRunning();
  useEffect(() => {
    usePageStatus.setState({ link, nRunning, onRunning });
    return () => usePageStatus.setState({ link: null, nRunning: 0, onRunning: null });
  }, [link, nRunning, onRunning]);

  const { rows: grid, enter } = useEntry(runs, !columns.isPending);
  const columnModel = useModel(ColumnModel, { layout: layoutOfColumns, setView: useSetView() });
  const { menu, filter: filtered } = useStore(columnModel.windows);
  const byName = useMemo(() => new Map(shown.map((column) => [column.id, column])), [shown]);
  const selectAll = useSelectAll(ref, runs);

  const isMissing = runs.error instanceof ApiError && runs.error.status === 404;
  const isEmpty = !runs.isPending && !runs.isOld && runs.nRows === 0 && !runs.error && !isNarrowed;
  if (isEmpty || isMissing)
    return (
      <Suspense>
        <EmptyProject {...ref} />
      </Suspense>
    );
  if (runs.error && runs.nRows === 0 && !isNarrowed && !runs.isOld)
    return <PageFault title="The runs could not be read" error={runs.error} onRetry={runs.retry} />;
  return (
    <main className="rt-page" style={{ "--w-row-table": `${ROW_PX}px` } as CSSProperties}>
      <TableToolbar
        project={ref}
        runs={runs}
        layout={layoutOfColumns}
        table={table}
        facts={facts}
        nKnown={countKnown(layoutOfColumns.available, columns.data?.totals)}
        areKnown={!columns.isPending}
        setTable={columnModel.setTable}
        onHide={columnModel.hideAll}
        onAdded={columnModel.onAdded}
        onEnter={enter}
      />
      {runs.isPending || columns.isPending ? (
        <LoadingGrid />
      ) : runs.nRows === 0 ? (
        <NoMatches runs={runs} />
      ) : (
        <TableGrid
          ref={grid}
          project={ref}
          runs={runs}
          layout={layout}
          facts={facts}
          counts={countsOf(shown, columns.data?.totals)}
          tags={tags}
          columns={columnModel}
        />
      )}
      <TableFoot project={ref} runs={runs} all={all.data} />
      <BulkBar project={ref} runs={runs} isNarrow={isNarrow} onSelectAll={selectAll} />
      <ColumnMenu
        anchor={menu}
        column={menu ? (byName.get(menu.column) ?? null) : null}
        order={order}
        groupBy={groupBy}
        isPinned={menu !== null && table.pinned.includes(menu.column)}
        goal={facts.find((entry) => entry.column === menu?.column)?.goal ?? null}
        others={menu ? siblingsOf(menu.column, facts) : NO_COLUMNS}
        look={menu ? table.formats[menu.column] : undefined}
        actions={columnModel}
      />
      <ColumnFilter
        project={ref}
        set={runs.request}
        anchor={filtered}
        column={filtered ? (byName.get(filtered.column) ?? null) : null}
        onAdd={filter.add}
        onClose={columnModel.closeFilter}
      />
    </main>
  );
}
