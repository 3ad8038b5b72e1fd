/** The runs list: filter, groups, order, pinned columns, search, eyes; and below it what is shown. */

import { lazy, type Ref, Suspense, useMemo, useRef } from "react";
import type { ProjectRef } from "@/api/types";
import { CHART_RUNS, FIRST_SHOWN, OTHER_RUNS } from "@/data/runs/shown-runs";
import { formatCount, formatNoun } from "@/data/text/format";
import { IconButton } from "@/ui/controls/icon-button";
import { SearchField } from "@/ui/fields/search-field";
import { later } from "@/ui/parts/later";
import { Icon } from "@/ui/signs/icons";
import { BulkBar } from "../runs/actions/bulk-bar";
import { clearSelection, useSelectAll, useSelectedIds } from "../runs/actions/run-selection";
import { FilterButton } from "../runs/filter/filter-button";
import { FilterChips } from "../runs/filter/filter-chips";
import { MineButton } from "../runs/filter/mine-button";
import { isInvalidFilter } from "../runs/filter/use-filter";
import { ColorMenu } from "../runs/keys/color-menu";
import { GroupMenu } from "../runs/keys/group-menu";
import { ListButton } from "../runs/keys/list-button";
import { SortMenu } from "../runs/keys/sort-menu";
import { useAlikeColors } from "../runs/keys/use-alike-colors";
import { useNumberHidden } from "../runs/rows/hidden-selection";
import { useEntry } from "../runs/use-entry";
import { useSetView, useView } from "../view/view-store";
import { ViewsMenu } from "../view/views-menu";
import type { ListWindow } from "./list-fold";
import { listedValues } from "./pinned/column-shape";
import { type PinnedColumn, usePinnedColumns } from "./pinned/pinned-columns";
import { PinnedHeads } from "./pinned/pinned-heads";
import { RunRows } from "./rows/run-rows";
import { LoadingRows } from "./rows/skeleton-rows";
import type { WorkspaceRuns } from "./use-workspace-runs";
import "./runs-list.css";

const PinnedPicker = lazy(() => import("./pinned/pinned-picker"));
const AlikeColors = lazy(() => import("./alike-colors"));
const NoRows = later(() => import("./no-rows").then((file) => file.NoRows));

interface RunsListProps {
  readonly project: ProjectRef;
  readonly listed: WorkspaceRuns;
  readonly widthPx: number;
  readonly isPhone: boolean;
  readonly searchRef: Ref<HTMLInputElement>;
  /** The window at a button that is open. */
  readonly opened: ListWindow | null;
  onOpened(opened: ListWindow | null): void;
  onFold(): void;
}

export function RunsList(props: RunsListProps) {
  const { project, listed, widthPx, isPhone, searchRef, opened, onOpened, onFold } = props;
  const { runs, nShown } = listed;
  const runSearch = useView((view) => view.runSearch);
  const isRunRegex = useView((view) => view.isRunRegex);
  const setView = useSetView();
  const alike = useAlikeColors(project, runs);
  const { firstPage, groups } = runs;
  const names = useMemo(() => firstPage.map(({ name }) => name), [firstPage]);
  const valuesOf = useMemo(() => listedValues(firstPage, groups), [firstPage, groups]);
  const { columns, cut, template, phone } = usePinnedColumns(widthPx, isPhone, names, valuesOf);
  const heads = useRef<HTMLDivElement>(null);
  const { rows, enter } = useEntry(runs);
  const windowAt = (name: ListWindow) => ({
    isOpen: opened === name,
    onOpen: (isOpen: boolean) => onOpened(isOpen ? name : null),
  });
  const selectAll = useSelectAll(project, runs);
  const isSelecting = useSelectedIds(project).size > 0;
  const isWrong = runs.error !== null;
  const isSearchWrong = isWrong && runSearch !== "" && isRunRegex && !isInvalidFilter(runs.error);

  return (
    <section
      className={`runs ${isSelecting ? "selecting" : ""}`}
      aria-label="Runs"
      style={
        {
          "--rcols": template,
          ...(phone && { "--name-px": `${phone.namePx}px`, "--row-px": `${phone.rowPx}px` }),
        } as React.CSSProperties
      }
    >
      <div className="rh">
        <IconButton icon="left" isSmall label="Hide the runs list ([)" onClick={onFold} />
        <h2>Runs</h2>
        <span className="badge" title="shown in charts / listed">
          {formatCount(nShown)} / {formatCount(runs.total)}
        </span>
        <span className="grow" />
        <FilterButton project={project} runs={runs} {...windowAt("filter")} />
        <GroupMenu project={project} isIcon {...windowAt("group")} />
        <SortMenu project={project} isIcon />
        <ColorMenu project={project} runs={runs} isIcon />
        <ListButton icon="cols" label="Columns" value={null} width={300} isIcon>
          <PinnedPicker project={project} />
        </ListButton>
      </div>
      <div className="rs">
        <SearchField
          label="Search runs"
          inputRef={searchRef}
          value={runSearch}
          isRegex={isRunRegex}
          error={isSearchWrong ? runs.error.message : null}
          onChange={(text) => setView({ runSearch: text })}
          onRegex={(isRegex) => setView({ isRunRegex: isRegex })}
          onDown={enter}
        />
        <MineButton />
        {/* the bar of the charts, which has it else, is not on the page */}
        {isPhone && <ViewsMenu project={project} />}
      </div>
      <FilterChips project={project} runs={runs} />
      <Heads ref={heads} project={project} listed={listed} columns={columns} cut={cut} />
      {runs.isPending && !isWrong ? (
        <LoadingRows nColumns={columns.length} />
      ) : runs.nRows === 0 ? (
        <NoRows
          error={isSearchWrong ? null : runs.error}
          onRetry={runs.retry}
          onEditFilter={() => onOpened("filter")}
        />
      ) : (
        <RunRows ref={rows} heads={heads} project={project} listed={listed} columns={columns} />
      )}
      {alike && (
        <Suspense>
          <AlikeColors project={project} alike={alike} />
        </Suspense>
      )}
      <Foot listed={listed} />
      <BulkBar project={project} runs={runs} isNarrow onSelectAll={selectAll} />
    </section>
  );
}

interface HeadsProps {
  readonly ref: Ref<HTMLDivElement>;
  readonly project: ProjectRef;
  readonly listed: WorkspaceRuns;
  readonly columns: readonly PinnedColumn[];
  readonly cut: readonly string[];
}

/** The heads of the columns, with a box for all runs and an eye for all. */
function Heads({ ref, project, listed: { runs, nShown, isCounted }, columns, cut }: HeadsProps) {
  const setView = useSetView();
  const nSelected = useSelectedIds(project).size - useNumberHidden(project, runs);
  const selectAll = useSelectAll(project, runs);
  const isAnyMeant = useView(({ selection }) => selection.base !== "none" || selection.on.length > 0);
  const isAnyShown = isCounted ? nShown > 0 : isAnyMeant;
  const label = isAnyShown ? "Hide all runs" : "Show all runs";
  return (
    <div className="cols rcols" ref={ref}>
      <span className="box">
        <input
          type="checkbox"
          className="cb"
          aria-label={nSelected > 0 ? "Select none" : "Select all"}
          checked={nSelected > 0 && nSelected >= runs.total}
          ref={(box) => {
            if (box) box.indeterminate = nSelected > 0 && nSelected < runs.total;
          }}
          onChange={() => (nSelected > 0 ? clearSelection() : selectAll())}
        />
      </span>
      <button
        type="button"
        className="eye"
        aria-pressed={isAnyShown}
        aria-label={label}
        title={label}
        // who presses it early means what it says then
        disabled={!isCounted}
        onClick={() =>
          setView({
            selection: { base: isAnyShown ? "none" : "all", on: [], off: [] },
            hiddenGroups: [],
            shownGroups: [],
          })
        }
      >
        <Icon name={isAnyShown ? "eye" : "eyeoff"} />
      </button>
      <PinnedHeads project={project} columns={columns} cut={cut} />
    </div>
  );
}

function Foot({ listed: { runs, nShown } }: { listed: WorkspaceRuns }) {
  const selection = useView((view) => view.selection);
  const hasChoice = useView((view) => view.hiddenGroups.length + view.shownGroups.length > 0);
  const setView = useSetView();
  const { base, on, off } = selection;
  const isFirst = base === "newest" && on.length + off.length === 0 && !hasChoice;
  const isGrouped = runs.request.by.length > 0;
  const isNewest = runs.request.order.length === 0;
  const n = isGrouped ? runs.nGroups : runs.total;
  const set = (next: "all" | "newest") =>
    setView({ selection: { base: next, on: [], off: [] }, hiddenGroups: [], shownGroups: [] });
  const summary = isGrouped
    ? `${formatNoun(runs.nGroups, "group")}, ${formatNoun(runs.total, "run")}`
    : runs.total === 0
      ? "No run"
      : isFirst && nShown < runs.total
        ? nShown > FIRST_SHOWN && !isGrouped
          ? `${isNewest ? "Newest" : "First"} ${FIRST_SHOWN} and running: ${nShown} of ${formatNoun(runs.total, "run")}`
          : `${isNewest ? "Newest" : "First"} ${nShown} of ${formatNoun(runs.total, "run")}`
        : `${formatCount(nShown)} of ${formatNoun(runs.total, "run")} shown`;
  return (
    <div className="rfoot">
      <span className="ell" role="status">
        {summary}
      </span>
      <span className="grow" />
      {nShown > CHART_RUNS && (
        <span
          className="flag wrn"
          title={`Charts draw the first ${formatCount(CHART_RUNS)} of the runs shown. ${OTHER_RUNS}`}
        >
          {formatCount(CHART_RUNS)} drawn
        </span>
      )}
      {n > FIRST_SHOWN &&
        (isFirst || nShown < runs.total ? (
          <button type="button" className="btn q sm" onClick={() => set("all")}>
            Show all
          </button>
        ) : null)}
      {n > FIRST_SHOWN && !isFirst && (
        <IconButton
          icon="undo"
          isSmall
          label={`Show the first ${FIRST_SHOWN}${isGrouped ? " groups" : ""} again`}
          onClick={() => set("newest")}
        />
      )}
    </div>
  );
}
