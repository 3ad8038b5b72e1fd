/**
 * The rows in view of the runs list: runs, groups, and what stands for those that are on their way or not listed.
 */

import type { RunGroup } from "@/api/runs/groups";
import type { RunRow } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { colorOfGroup } from "@/data/runs/color";
import { RowEyes } from "@/data/runs/row-eyes";
import { formatCount } from "@/data/text/format";
import { groupId } from "@/data/view/view";
import { usePhone } from "@/ui/hooks/use-phone";
import { useStable } from "@/ui/hooks/use-stable";
import { runOfRow } from "../../runs/actions/run-selection";
import { useProgress } from "../../runs/use-progress";
import { useRights } from "../../use-rights";
import { useView } from "../../view/view-store";
import type { ListModel } from "../list-model";
import type { PinnedColumn } from "../pinned/pinned-columns";
import type { WorkspaceRuns } from "../use-workspace-runs";
import { GroupListRow } from "./group-row";
import { RunListRow } from "./run-row";
import { SkeletonRow } from "./skeleton-rows";

/** A name is narrow on a phone, and its row high enough for a finger. */
const PHONE_LINES = 2;

interface ListRowsProps {
  readonly project: ProjectRef;
  readonly listed: WorkspaceRuns;
  readonly columns: readonly PinnedColumn[];
  readonly list: ListModel;
  readonly items: readonly { readonly index: number; readonly start: number }[];
  /** More rows than are ever drawn at once. */
  readonly nSlots: number;
  readonly current: number;
  readonly renaming: string | null;
  /** A run's name among those of the list. */
  nameOf(run: RunRow): string;
  nSelectedIn(group: RunGroup): number;
  onMenu(run: RunRow, element: Element): void;
  onPalette(run: RunRow, element: Element): void;
  onGroupMenu(group: RunGroup, element: Element): void;
  onGroupPalette(group: RunGroup, element: Element): void;
}

export function ListRows(props: ListRowsProps) {
  const { project, listed, columns, list, items, nSlots, current } = props;
  const { runs } = listed;
  const { mayWrite } = useRights(project);
  const isPhone = usePhone();
  const baseline = useView((view) => view.baseline);
  const shown = useView(({ selection, hiddenGroups, shownGroups }) => ({
    selection,
    hiddenGroups,
    shownGroups,
  }));
  const eyes = new RowEyes(shown, runs);
  const progress = useProgress(project, listed.nRunning > 0);
  // rows are memoised: this handler, too, must not change with each render
  const onGroupMenu = useStable(props.onGroupMenu);
  // a row that comes takes the elements of one that leaves, in their place
  return items
    .toSorted((a, b) => (a.index % nSlots) - (b.index % nSlots))
    .map(({ index, start }) => {
      const row = runs.rowAt(index);
      if (!row) return null;
      const key = index % nSlots;
      if (row.kind === "more")
        return <MoreRow key={key} top={start} n={row.n} onMore={() => runs.showMore(row.under)} />;
      const run = runOfRow(runs, index);
      const common = {
        row: index,
        depth: row.depth,
        columns,
        top: start,
        isShown: eyes.isOpen(row, run?.id ?? null),
        isCurrent: index === current,
        onToggle: list.toggleEye,
        onCurrent: list.setCurrent,
      };
      if (row.kind === "group")
        return (
          <GroupListRow
            key={key}
            {...common}
            group={row.group}
            color={
              row.depth === runs.request.by.length - 1
                ? colorOfGroup(runs.groupColors, groupId(row.group.values))
                : null
            }
            isOpen={row.isOpen}
            nShown={listed.shownOf(row.group.values)}
            nSelected={props.nSelectedIn(row.group)}
            onFold={list.fold}
            onGroupSelect={list.selectGroup}
            onGroupMenu={onGroupMenu}
            onGroupPalette={props.onGroupPalette}
          />
        );
      if (!run) return <SkeletonRow key={key} index={index} nColumns={columns.length} top={start} />;
      return (
        <RunListRow
          key={key}
          {...common}
          project={project}
          run={run}
          name={props.nameOf(run)}
          nNameLines={isPhone ? PHONE_LINES : 1}
          color={runs.colorOf(run)}
          isRenaming={run.id === props.renaming}
          isBaseline={run.id === baseline}
          progress={(run.state === "running" && progress.get(run.id)) || null}
          onOpen={list.openRun}
          onStar={mayWrite ? list.turnStar : undefined}
          onSelect={list.select}
          onRenamed={list.endRename}
          onMenu={props.onMenu}
          onPalette={props.onPalette}
        />
      );
    });
}

function MoreRow({ top, n, onMore }: { top: number; n: number; onMore(): void }) {
  return (
    <div className="run-row more-row" role="row" style={{ transform: `translateY(${top}px)` }}>
      <button type="button" className="btn q sm" tabIndex={-1} onClick={onMore}>
        List more of {formatCount(n)} other groups
      </button>
    </div>
  );
}
