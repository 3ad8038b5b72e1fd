/**
 * One row of a group in the list: fold, eye of all its runs, colour, value, count, figures of pinned columns.
 */

import { memo } from "react";
import type { RunGroup } from "@/api/runs/groups";
import { groupName } from "@/data/runs/group-name";
import { distinctText, type ValueCounts } from "@/data/table/cell-format";
import { isTimeColumn } from "@/data/table/columns";
import { formatCount, formatNoun } from "@/data/text/format";
import { groupId } from "@/data/view/view";
import { highlightOnHover, useIsHighlighted } from "@/panels/plot/highlight";
import { Checkbox } from "@/ui/controls/checkbox";
import { Icon } from "@/ui/signs/icons";
import { Ago } from "@/ui/text/ago";
import { MidName } from "@/ui/text/mid-name";
import { ColorButton, EyeButton, MoreButton, openRowMenu } from "../../runs/row-parts";
import type { PinnedColumn } from "../pinned/pinned-columns";
import { rowId } from "./run-row";

/** Handlers of a list's group rows; all stable. */
interface GroupRowHandlers {
  onFold(row: number): void;
  onToggle(row: number): void;
  onCurrent(row: number): void;
  onGroupSelect(group: RunGroup, isOn: boolean): void;
  onGroupMenu(group: RunGroup, element: Element): void;
  onGroupPalette(group: RunGroup, element: Element): void;
}

interface GroupRowProps extends GroupRowHandlers {
  readonly group: RunGroup;
  /** Null where no curve is its own: it holds groups. */
  readonly color: number | null;
  readonly row: number;
  readonly depth: number;
  readonly columns: readonly PinnedColumn[];
  readonly isOpen: boolean;
  readonly isShown: boolean;
  /** Runs that are shown; null: all or none. */
  readonly nShown: number | null;
  readonly nSelected: number;
  readonly isCurrent: boolean;
  readonly top: number;
}

export const GroupListRow = memo(function GroupListRow(props: GroupRowProps) {
  const { group, color, row, depth, columns, isOpen, isShown, nShown, nSelected } = props;
  const { isCurrent, top } = props;
  const id = groupId(group.values);
  const isHighlighted = useIsHighlighted(id);
  const name = groupName(group.values);
  const classes = ["run-row", "g", "cols", isShown ? "" : "off", isOpen ? "" : "shut"];
  if (isHighlighted) classes.push("lit");
  if (isCurrent) classes.push("cur");
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys of its rows
    <div
      id={rowId(row)}
      role="row"
      aria-rowindex={row + 1}
      aria-level={depth + 1}
      aria-expanded={isOpen}
      aria-selected={nSelected > 0}
      className={classes.join(" ")}
      style={{ transform: `translateY(${top}px)` }}
      onPointerDown={() => props.onCurrent(row)}
      onClick={(event) => {
        if ((event.target as Element).closest("button, input") === null) props.onFold(row);
      }}
      onContextMenu={(event) => openRowMenu(event, (element) => props.onGroupMenu(group, element))}
      {...highlightOnHover(id)}
    >
      <span role="gridcell" tabIndex={-1} className="box">
        <Checkbox
          label={`Select the ${formatNoun(group.nRuns, "run")} of ${name}`}
          isOn={nSelected > 0 && nSelected >= group.nRuns}
          isMixed={nSelected > 0 && nSelected < group.nRuns}
          tabIndex={-1}
          onChange={(isOn) => props.onGroupSelect(group, isOn)}
        />
      </span>
      <span role="gridcell" tabIndex={-1}>
        <EyeButton label={`Show group ${name}`} isOn={isShown} onClick={() => props.onToggle(row)} />
      </span>
      <span role="gridcell" tabIndex={-1} className="nm" style={{ paddingLeft: depth * 10 }}>
        <button
          type="button"
          className="fold"
          tabIndex={-1}
          aria-label={`${isOpen ? "Close" : "Open"} ${name}`}
          onClick={() => props.onFold(row)}
        >
          <Icon name="down" isSmall className="chev" />
        </button>
        {color !== null && (
          <ColorButton
            name={`group ${name}`}
            color={color}
            isShown={isShown}
            shape="square"
            onPalette={(element) => props.onGroupPalette(group, element)}
          />
        )}
        <span className="tx">
          <MidName name={name} />
        </span>
        <span className="cnt">
          {nShown !== null && nShown < group.nRuns && `${formatCount(nShown)} of `}
          {formatCount(group.nRuns)}
        </span>
      </span>
      {columns.map((column) => (
        <Figure key={column.id} column={column} figures={group.figures} />
      ))}
      <span role="gridcell" tabIndex={-1} className="more-cell">
        <MoreButton name={`group ${name}`} onMenu={(element) => props.onGroupMenu(group, element)} />
      </span>
    </div>
  );
});

function Figure({ column, figures }: { column: PinnedColumn; figures: RunGroup["figures"] }) {
  const { id, format, widthPx } = column;
  if (isTimeColumn(id)) {
    const last = figures[`max(${id})`];
    return (
      <span role="gridcell" tabIndex={-1} className="num" style={{ width: widthPx }}>
        {typeof last === "number" && <Ago micros={last} />}
      </span>
    );
  }
  const of = (name: string) => {
    const value = figures[`${name}(${id})`];
    return typeof value === "number" ? format(value).text : null;
  };
  const mean = of("mean");
  const counts = figures[`values(${id})`] as ValueCounts | null | undefined;
  if (mean === null && counts) {
    const { text, title } = distinctText(counts, format);
    return (
      <span role="gridcell" tabIndex={-1} className="num ell" style={{ width: widthPx }} title={title}>
        {text}
      </span>
    );
  }
  const std = of("std");
  const title = mean && `mean ${mean}${std ? `, std ${std}` : ""}, ${of("min")} to ${of("max")}`;
  return (
    <span
      role="gridcell"
      tabIndex={-1}
      className="num ell"
      style={{ width: widthPx }}
      title={title ?? undefined}
    >
      {mean}
    </span>
  );
}
