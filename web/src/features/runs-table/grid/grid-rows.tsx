/** The rows in view, each in two parts: one scrolls sideways, one stays at the left. */

import type { RunGroup } from "@/api/runs/groups";
import type { ProjectRef } from "@/api/types";
import { colorOfGroup } from "@/data/runs/color";
import { groupName } from "@/data/runs/group-name";
import { RowEyes } from "@/data/runs/row-eyes";
import { formatNoun } from "@/data/text/format";
import { groupId } from "@/data/view/view";
import { NamesBeside } from "@/ui/text/mid-name";
import type { RunMenus } from "../../runs/actions/run-menus";
import { runOfRow } from "../../runs/actions/run-selection";
import { namesInSight } from "../../runs/rows/names-in-sight";
import type { RunsListRow } from "../../runs/rows/runs-request";
import type { Runs } from "../../runs/use-runs";
import { useRights } from "../../use-rights";
import { useView } from "../../view/view-store";
import { type SampledFacts, useColumnLooks } from "../columns/use-column-looks";
import { useGroupFigures } from "../use-group-figures";
import type { RunParts } from "../use-table-cells";
import { cellProps, type GridLayout, ROW_PX, rowProps } from "./grid-layout";
import type { GridModel } from "./grid-model";
import { GridOverlay } from "./grid-overlay";
import { TableGroupPin, TableGroupRow } from "./table-group-row";
import { TableRunPin, TableRunRow } from "./table-run-row";
import type { GridWindow } from "./use-grid-window";

interface GridRowsProps {
  readonly project: ProjectRef;
  readonly runs: Runs;
  readonly grid: GridModel;
  readonly view: GridWindow;
  readonly layout: GridLayout;
  readonly facts: readonly SampledFacts[];
  readonly parts: ReadonlyMap<string, RunParts>;
  readonly selected: ReadonlySet<string>;
  /** Tags in use in the project. */
  readonly tags: readonly string[];
  nSelectedIn(group: RunGroup): number;
  readonly openers: RunMenus["openers"];
}

export function GridRows(props: GridRowsProps) {
  const { project, runs, grid, view, layout, parts } = props;
  const { onPalette, onMenu, onGroupPalette } = props.openers;
  const { mayWrite } = useRights(project);
  const baseline = useView((state) => state.baseline);
  const shown = useView(({ selection, hiddenGroups, shownGroups }) => ({
    selection,
    hiddenGroups,
    shownGroups,
  }));
  const eyes = new RowEyes(shown, runs);
  const looks = useColumnLooks(project, runs.request, layout, view.columns, props.facts);
  const figures = useGroupFigures(project, runs, view.rows, looks, layout.pinned.length, view.columns);
  const rows: React.ReactNode[] = [];
  const pins: React.ReactNode[] = [];
  const names = namesInSight(runs, view.rows);
  for (let i = view.rows.first; i < view.rows.end; i++) {
    const row = runs.rowAt(i);
    if (!row) continue;
    const run = runOfRow(runs, i);
    // rows that leave are used again for those that come
    const key = i % view.nRows;
    const rowProps = {
      index: i,
      layout,
      looks,
      columns: view.columns,
      isShown: eyes.isOpen(row, run?.id ?? null),
    };
    if (row.kind === "run" && run) {
      const of = {
        ...rowProps,
        project,
        depth: row.depth,
        run,
        name: names.nameOf(run),
        color: runs.colorOf(run),
        parts: parts.get(run.id),
        isSelected: props.selected.has(run.id),
        isBaseline: baseline === run.id,
        onSelect: grid.select,
        onEye: grid.toggleEye,
        onStar: mayWrite ? grid.turnStar : undefined,
        onPalette,
        onMenu,
      };
      rows.push(<TableRunRow key={key} {...of} />);
      pins.push(<TableRunPin key={key} {...of} />);
    } else if (row.kind === "group") {
      const { group, depth, isOpen } = row;
      const of = {
        ...rowProps,
        depth,
        group,
        color:
          depth === runs.request.by.length - 1 ? colorOfGroup(runs.groupColors, groupId(group.values)) : null,
        name: groupName(group.values),
        figures: figures.get(groupId(group.values)),
        isOpen,
        nSelected: props.nSelectedIn(group),
        onFold: grid.fold,
        onEye: grid.toggleEye,
        onGroupSelect: grid.selectGroup,
        onGroupPalette,
      };
      rows.push(<TableGroupRow key={key} {...of} />);
      pins.push(<TableGroupPin key={key} {...of} />);
    } else {
      const of = { index: i, layout, runs, row };
      rows.push(<OtherRow key={key} {...of} />);
      pins.push(<OtherPin key={key} {...of} />);
    }
  }
  const overlay = { grid, layout, tags: props.tags };
  return (
    <div className="rt-body" role="rowgroup" style={{ width: layout.widthPx, height: runs.nRows * ROW_PX }}>
      <div className="rt-pins" role="presentation" style={{ width: layout.pinnedPx }}>
        <NamesBeside names={names.texts}>{pins}</NamesBeside>
        <GridOverlay {...overlay} isPinned />
      </div>
      {rows}
      <GridOverlay {...overlay} isPinned={false} />
    </div>
  );
}

interface OtherRowProps {
  readonly index: number;
  readonly layout: GridLayout;
  readonly runs: Runs;
  readonly row: RunsListRow;
}

/** A row that is on its way, or stands for groups that are not listed. */
function OtherRow({ index, layout, row }: OtherRowProps) {
  return (
    <div
      role="row"
      {...rowProps(index, layout.widthPx)}
      aria-busy={row.kind !== "more"}
      className={`rt-row ${row.kind === "more" ? "g" : "wait"}`}
    />
  );
}

function OtherPin({ index, layout, runs, row }: OtherRowProps) {
  return (
    <div
      role="row"
      {...rowProps(index, layout.pinnedPx)}
      className={`rt-row pin ${row.kind === "more" ? "g" : "wait"}`}
    >
      <div
        {...cellProps(index, "name", 0, { left: 0, width: layout.namePx, paddingLeft: 64 })}
        className="c nm"
      >
        {row.kind === "more" ? (
          <button type="button" className="btn q sm" tabIndex={-1} onClick={() => runs.showMore(row.under)}>
            {formatNoun(row.n, "more group")}
          </button>
        ) : (
          <span className="rt-sk" style={{ width: 90 + ((index * 37) % 60) }} />
        )}
      </div>
    </div>
  );
}
