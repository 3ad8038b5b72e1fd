/**
 * The runs list: filter, groups, order, pinned columns, search, eyes; and below it what is shown.
 */

import { lazy, type Ref, useState } from "react";
import type { RunRow } from "@/api/run-rows";
import type { ProjectRef } from "@/api/types";
import { formatCount, formatNoun } from "@/data/format";
import { CHART_RUNS, FIRST_SHOWN, GROUPED_RUNS } from "@/data/shown-runs";
import { makePanel } from "@/data/view/panel";
import type { View } from "@/data/view/view";
import { IconButton } from "@/ui/icon-button";
import { Icon } from "@/ui/icons";
import { SearchField } from "@/ui/search-field";
import { BulkBar } from "../runs/bulk-bar";
import { FilterButton } from "../runs/filter-button";
import { FilterChips } from "../runs/filter-chips";
import { GroupMenu } from "../runs/group-menu";
import { ListButton } from "../runs/list-button";
import { useRunActions } from "../runs/run-actions";
import { anchorAt, type RunAnchor, RunMenu, RunPalette } from "../runs/run-menu";
import { clearSelection, selectAll, useSelectedIds } from "../runs/run-selection";
import { SortMenu } from "../runs/sort-menu";
import { useSetView, useView } from "../view/view-store";
import { type GroupAnchor, GroupRowMenu, groupAnchorAt } from "./group-row-menu";
import { type PinnedColumn, usePinnedColumns } from "./pinned-columns";
import { PinnedHeads } from "./pinned-heads";
import { RunRows } from "./run-rows";
import { LoadingRows } from "./skeleton-rows";
import type { WorkspaceRuns } from "./use-workspace-runs";
import "./runs-list.css";

const PinnedPicker = lazy(() => import("./pinned-picker"));

interface RunsListProps {
  readonly project: ProjectRef;
  readonly listed: WorkspaceRuns;
  readonly widthPx: number;
  readonly searchRef: Ref<HTMLInputElement>;
}

export function RunsList({ project, listed, widthPx, searchRef }: RunsListProps) {
  const { runs, nShown } = listed;
  const runSearch = useView((view) => view.runSearch);
  const isRunRegex = useView((view) => view.isRunRegex);
  const filter = useView((view) => view.filter);
  const setView = useSetView();
  const actions = useRunActions(project);
  const { columns, cut, template } = usePinnedColumns(widthPx);
  const [menu, setMenu] = useState<RunAnchor | null>(null);
  const [groupMenu, setGroupMenu] = useState<GroupAnchor | null>(null);
  const [palette, setPalette] = useState<RunAnchor | null>(null);
  const [renaming, setRenaming] = useState<string | null>(null);
  const isSelecting = useSelectedIds(project).size > 0;
  const isWrong = runs.error !== null;

  return (
    <section
      className={`runs ${isSelecting ? "selecting" : ""}`}
      aria-label="Runs"
      style={{ "--rcols": template } as React.CSSProperties}
    >
      <div className="rh">
        <h2>Runs</h2>
        <span className="badge" title="shown in charts / listed">
          {formatCount(nShown)} / {formatCount(runs.total)}
        </span>
        <span className="grow" />
        <FilterButton project={project} />
        <GroupMenu project={project} isIcon />
        <SortMenu project={project} isIcon />
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
          error={isWrong && runSearch && isRunRegex ? runs.error.message : null}
          onChange={(text) => setView({ runSearch: text })}
          onRegex={(isRegex) => setView({ isRunRegex: isRegex })}
        />
      </div>
      <FilterChips project={project} />
      <Heads project={project} listed={listed} columns={columns} cut={cut} />
      {runs.isPending && !isWrong ? (
        <LoadingRows nColumns={columns.length} />
      ) : runs.nRows === 0 ? (
        <NoRows
          error={isWrong && !(runSearch && isRunRegex) ? runs.error : null}
          search={runSearch}
          isRegex={isRunRegex}
          hasFilter={filter !== ""}
          onRetry={runs.retry}
        />
      ) : (
        <RunRows
          project={project}
          listed={listed}
          columns={columns}
          renaming={renaming}
          onMenu={(run, element) => setMenu(anchorAt(run, element))}
          onGroupMenu={(group, element) => setGroupMenu(groupAnchorAt(group, element))}
          onPalette={(run, element) => setPalette(anchorAt(run, element))}
          onRename={(run) => setRenaming(run.id)}
          onRenamed={(run: RunRow, name) => {
            setRenaming(null);
            if (name !== null) void actions.rename(run, name);
          }}
        />
      )}
      <Foot listed={listed} />
      <BulkBar
        project={project}
        total={runs.total}
        onSelectAll={() => void selectAll(project, runs)}
        onCompare={(ids) => setView((view) => comparing(view, ids))}
      />
      <RunMenu
        project={project}
        anchor={menu}
        actions={actions}
        onClose={() => setMenu(null)}
        onRename={(run) => setRenaming(run.id)}
        onShowOnly={(run) =>
          setView({
            selection: { base: "none", on: [run.id], off: [] },
            hiddenGroups: [],
            shownGroups: [],
          })
        }
      />
      <GroupRowMenu project={project} runs={runs} anchor={groupMenu} onClose={() => setGroupMenu(null)} />
      <RunPalette anchor={palette} onClose={() => setPalette(null)} />
    </section>
  );
}

const COMPARER = "compare";

/** Only these runs, and over the whole page a panel that says in what they differ. */
function comparing(view: View, ids: readonly string[]): Partial<View> {
  const panel = view.panels[COMPARER] ?? makePanel(COMPARER, "comparer", COMPARER);
  return {
    selection: { base: "none", on: ids, off: [] },
    hiddenGroups: [],
    shownGroups: [],
    panels: { ...view.panels, [COMPARER]: panel },
    full: COMPARER,
  };
}

interface HeadsProps {
  readonly project: ProjectRef;
  readonly listed: WorkspaceRuns;
  readonly columns: readonly PinnedColumn[];
  readonly cut: readonly string[];
}

/** The heads of the columns, with a box for all runs and an eye for all. */
function Heads({ project, listed: { runs, nShown }, columns, cut }: HeadsProps) {
  const setView = useSetView();
  const nSelected = useSelectedIds(project).size;
  const label = nShown > 0 ? "Hide all runs" : "Show all runs";
  return (
    <div className="cols rcols">
      <span className="box">
        <input
          type="checkbox"
          className="cb"
          aria-label={nSelected > 0 ? "Select none" : "Select all"}
          checked={nSelected > 0 && nSelected >= runs.total}
          ref={(box) => {
            if (box) box.indeterminate = nSelected > 0 && nSelected < runs.total;
          }}
          onChange={() => (nSelected > 0 ? clearSelection() : void selectAll(project, runs))}
        />
      </span>
      <button
        type="button"
        className="eye"
        aria-pressed={nShown > 0}
        aria-label={label}
        title={label}
        onClick={() =>
          setView({
            selection: { base: nShown > 0 ? "none" : "all", on: [], off: [] },
            hiddenGroups: [],
            shownGroups: [],
          })
        }
      >
        <Icon name={nShown > 0 ? "eye" : "eyeoff"} />
      </button>
      <PinnedHeads columns={columns} cut={cut} />
    </div>
  );
}

interface NoRowsProps {
  readonly error: Error | null;
  readonly search: string;
  readonly isRegex: boolean;
  readonly hasFilter: boolean;
  onRetry(): void;
}

function NoRows({ error, search, isRegex, hasFilter, onRetry }: NoRowsProps) {
  const setView = useSetView();
  if (error)
    return (
      <div className="say none">
        <Icon name="warn" />
        <b>The runs could not be read</b>
        <span>{error.message}</span>
        <button type="button" className="btn sm" onClick={onRetry}>
          Try again
        </button>
      </div>
    );
  return (
    <div className="say none">
      <b>No run matches</b>
      {search && (
        <span>
          {isRegex ? "The expression" : "The text"} <span className="mono">{search}</span> is in no run's
          name, notes or tags{hasFilter ? " that the filter finds" : ""}.
        </span>
      )}
      <span className="row">
        {search && (
          <button type="button" className="btn sm" onClick={() => setView({ runSearch: "" })}>
            Clear search
          </button>
        )}
        {hasFilter && (
          <button type="button" className="btn sm" onClick={() => setView({ filter: "" })}>
            Clear filter
          </button>
        )}
      </span>
    </div>
  );
}

function Foot({ listed: { runs, nShown } }: { listed: WorkspaceRuns }) {
  const selection = useView((view) => view.selection);
  const hasChoice = useView((view) => view.hiddenGroups.length + view.shownGroups.length > 0);
  const setView = useSetView();
  const { base, on, off } = selection;
  const isFirst = base === "newest" && on.length + off.length === 0 && !hasChoice;
  const isGrouped = runs.asked.by.length > 0;
  const isNewest = runs.asked.order.length === 0;
  const n = isGrouped ? runs.nGroups : runs.total;
  const set = (next: "all" | "newest") =>
    setView({ selection: { base: next, on: [], off: [] }, hiddenGroups: [], shownGroups: [] });
  const limit = isGrouped ? GROUPED_RUNS : CHART_RUNS;
  const which = isGrouped
    ? `${formatNoun(runs.nGroups, "group")}, ${formatNoun(runs.total, "run")}`
    : runs.total === 0
      ? "No run"
      : isFirst && nShown < runs.total
        ? `${isNewest ? "Newest" : "First"} ${nShown} of ${formatNoun(runs.total, "run")} shown`
        : `${formatCount(nShown)} of ${formatNoun(runs.total, "run")} shown`;
  return (
    <div className="rfoot">
      <span className="ell" role="status">
        {which}
      </span>
      <span className="grow" />
      {nShown > limit && (
        <span className="flag wrn" title={`Charts draw the first ${formatCount(limit)} of the runs shown`}>
          {formatCount(limit)} drawn
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
