/**
 * The runs list: search, eyes, colours, states; virtual, and whole by keyboard.
 */

import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type Ref, useRef, useState } from "react";
import type { ProjectRef, Run } from "@/api/types";
import { formatCount, formatNoun } from "@/data/format";
import { Icon } from "@/ui/icons";
import { SearchField } from "@/ui/search-field";
import { useStable } from "@/ui/use-stable";
import { useRunActions } from "./run-actions";
import { anchorAt, type RunAnchor, RunMenu, RunPalette } from "./run-menu";
import { RunRow, rowId } from "./run-row";
import { CHART_RUNS, NEWEST_SHOWN, withRun } from "./shown-runs";
import type { useListedRuns } from "./use-workspace-runs";
import { useSetView, useView } from "./view-store";

const ROW_PX = 28;

interface RunsListProps {
  readonly project: ProjectRef;
  readonly listed: ReturnType<typeof useListedRuns>;
  readonly searchRef: Ref<HTMLInputElement>;
}

export function RunsList({ project, listed, searchRef }: RunsListProps) {
  const { query, runs, total, shown } = listed;
  const runSearch = useView((view) => view.runSearch);
  const isRunRegex = useView((view) => view.isRunRegex);
  const selection = useView((view) => view.selection);
  const setView = useSetView();
  const actions = useRunActions(project);
  const [menu, setMenu] = useState<RunAnchor | null>(null);
  const [palette, setPalette] = useState<RunAnchor | null>(null);
  const [renaming, setRenaming] = useState<string | null>(null);
  const nShown = runs.reduce((n, run) => n + (shown.has(run.id) ? 1 : 0), 0);

  const toggle = (index: number) => {
    const run = runs[index];
    if (run) setView({ selection: withRun(selection, run.id, index, !shown.has(run.id)) });
  };
  const showAll = () => setView({ selection: { base: "all", on: [], off: [] } });
  const showNewest = () => setView({ selection: { base: "newest", on: [], off: [] } });
  const hideAll = () => setView({ selection: { base: "none", on: [], off: [] } });

  return (
    <section className="runs" aria-label="Runs">
      <div className="rh">
        <h2>Runs</h2>
        <span className="badge" title="shown in charts / listed">
          {formatCount(nShown)} / {formatCount(total)}
        </span>
        <span className="grow" />
        {nShown < runs.length ? (
          <button type="button" className="btn q sm" onClick={showAll}>
            Show all
          </button>
        ) : (
          runs.length > NEWEST_SHOWN && (
            <button type="button" className="btn q sm" onClick={showNewest}>
              Newest {NEWEST_SHOWN}
            </button>
          )
        )}
      </div>
      <div className="rs">
        <SearchField
          label="Search runs"
          inputRef={searchRef}
          value={runSearch}
          isRegex={isRunRegex}
          error={query.isError && runSearch ? query.error.message : null}
          onChange={(text) => setView({ runSearch: text })}
          onRegex={(isRegex) => setView({ isRunRegex: isRegex })}
        />
      </div>
      <div className="cols rcols">
        <button
          type="button"
          className="eye"
          aria-pressed={nShown > 0}
          aria-label={nShown > 0 ? "Hide all runs" : "Show all runs"}
          title={nShown > 0 ? "Hide all" : "Show all"}
          onClick={nShown > 0 ? hideAll : showAll}
        >
          <Icon name={nShown > 0 ? "eye" : "eyeoff"} />
        </button>
        <span>Name</span>
        <span className="num">Runtime</span>
        <span className="num" title="The newest on this server first">
          Started
        </span>
      </div>
      {query.isPending ? (
        <LoadingRows />
      ) : runs.length === 0 ? (
        <div className="say none">
          <b>No run matches</b>
          <span>
            {isRunRegex ? "The expression" : "The text"} <span className="mono">{runSearch}</span> is in no
            run's name.
          </span>
          <button type="button" className="btn sm" onClick={() => setView({ runSearch: "" })}>
            Clear search
          </button>
        </div>
      ) : (
        <Rows
          project={project}
          runs={runs}
          total={total}
          shown={shown}
          renaming={renaming}
          onToggle={toggle}
          onNearEnd={() => query.hasNextPage && !query.isFetchingNextPage && query.fetchNextPage()}
          onMenu={(run, element) => setMenu(anchorAt(run, element))}
          onPalette={(run, element) => setPalette(anchorAt(run, element))}
          onRename={(run) => setRenaming(run.id)}
          onRenamed={(run, name) => {
            setRenaming(null);
            if (name !== null) void actions.rename(run, name);
          }}
        />
      )}
      <Foot
        nShown={nShown}
        total={total}
        isNewest={selection.base === "newest"}
        hasChoice={selection.on.length + selection.off.length > 0}
      />
      <RunMenu
        project={project}
        anchor={menu}
        actions={actions}
        onClose={() => setMenu(null)}
        onRename={(run) => setRenaming(run.id)}
        onShowOnly={(run) => setView({ selection: { base: "none", on: [run.id], off: [] } })}
      />
      <RunPalette anchor={palette} onClose={() => setPalette(null)} />
    </section>
  );
}

interface RowsProps {
  readonly project: ProjectRef;
  readonly runs: readonly Run[];
  readonly total: number;
  readonly shown: ReadonlySet<string>;
  readonly renaming: string | null;
  onToggle(index: number): void;
  onNearEnd(): void;
  onMenu(run: Run, element: Element): void;
  onPalette(run: Run, element: Element): void;
  onRename(run: Run): void;
  onRenamed(run: Run, name: string | null): void;
}

function Rows(props: RowsProps) {
  const { project, runs, total, shown, renaming } = props;
  const navigate = useNavigate();
  const scroller = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(0);
  const virtual = useVirtualizer({
    count: runs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    onChange: ({ range }) => {
      if (range && range.endIndex > runs.length - 50) props.onNearEnd();
    },
  });
  // rows are memoised: their handlers must not change with each render
  const onToggle = useStable(props.onToggle);
  const onMenu = useStable(props.onMenu);
  const onPalette = useStable(props.onPalette);
  const onRenamed = useStable((run: Run, name: string | null) => {
    props.onRenamed(run, name);
    scroller.current?.focus({ preventScroll: true });
  });

  const go = (index: number) => {
    const next = Math.max(0, Math.min(runs.length - 1, index));
    setCurrent(next);
    virtual.scrollToIndex(next);
  };
  const open = (run: Run) =>
    navigate({ to: "/$entity/$project/runs/$run", params: { ...project, run: run.id } });
  const openMenu = (run: Run) => {
    const row = document.getElementById(rowId(run.id));
    if (row) props.onMenu(run, row);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const run = runs[current];
    if (!run || event.target !== scroller.current || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.floor((scroller.current?.clientHeight ?? 0) / ROW_PX) - 1;
    const keys = new Map<string, () => void>([
      ["ArrowDown", () => go(current + 1)],
      ["ArrowUp", () => go(current - 1)],
      ["PageDown", () => go(current + page)],
      ["PageUp", () => go(current - page)],
      ["Home", () => go(0)],
      ["End", () => go(runs.length - 1)],
      [" ", () => props.onToggle(current)],
      ["Enter", () => open(run)],
      ["F2", () => props.onRename(run)],
      ["m", () => openMenu(run)],
    ]);
    const act = keys.get(event.key);
    if (!act) return;
    event.preventDefault();
    act();
  };
  const currentRun = runs[Math.min(current, runs.length - 1)];
  return (
    <div
      className="list"
      ref={scroller}
      role="grid"
      aria-label="Runs: arrows move, space shows or hides, enter opens"
      aria-rowcount={total}
      aria-activedescendant={currentRun ? rowId(currentRun.id) : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: virtual.getTotalSize(), position: "relative" }} role="rowgroup">
        {virtual.getVirtualItems().map(({ index, start }) => {
          const run = runs[index];
          if (!run) return null;
          return (
            <RunRow
              key={run.id}
              project={project}
              run={run}
              index={index}
              top={start}
              isShown={shown.has(run.id)}
              isCurrent={index === current}
              isRenaming={run.id === renaming}
              onToggle={onToggle}
              onMenu={onMenu}
              onPalette={onPalette}
              onRenamed={onRenamed}
            />
          );
        })}
      </div>
    </div>
  );
}

function Foot({
  nShown,
  total,
  isNewest,
  hasChoice,
}: {
  nShown: number;
  total: number;
  isNewest: boolean;
  hasChoice: boolean;
}) {
  const which =
    total === 0
      ? "no run"
      : isNewest && !hasChoice && nShown < total
        ? `newest ${nShown} of ${formatNoun(total, "run")} shown`
        : `${formatCount(nShown)} of ${formatNoun(total, "run")} shown`;
  return (
    <div className="rfoot" role="status">
      <span className="ell">{which[0]?.toUpperCase() + which.slice(1)}</span>
      <span className="grow" />
      {nShown > CHART_RUNS && (
        <span className="flag wrn" title={`Charts draw the newest ${CHART_RUNS} of the runs shown`}>
          {CHART_RUNS} drawn
        </span>
      )}
    </div>
  );
}

function LoadingRows() {
  return (
    <div className="list late" role="status" aria-label="Loading runs">
      {Array.from({ length: 12 }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: twelve equal placeholders
        <div key={i} className="cols skr">
          <span className="sk" style={{ width: 14, height: 14, marginLeft: 9 }} />
          <span className="row" style={{ paddingLeft: 4 }}>
            <span className="sk" style={{ width: 9, height: 9, borderRadius: "50%" }} />
            <span className="sk" style={{ width: 90 + ((i * 37) % 60), height: 9 }} />
          </span>
          <span className="sk" style={{ width: 36, height: 9, justifySelf: "end" }} />
          <span className="sk" style={{ width: 24, height: 9, justifySelf: "end" }} />
        </div>
      ))}
    </div>
  );
}
