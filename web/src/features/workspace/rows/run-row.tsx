/** One row of a run in the list: checkbox, eye, colour, name, state, pinned columns. */

import { type MouseEvent, memo, useEffect, useRef } from "react";
import type { RunRow } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { isStarred } from "@/data/runs/star";
import { isTimeColumn } from "@/data/table/columns";
import { formatCount, formatDuration } from "@/data/text/format";
import { highlightOnHover, useIsHighlighted } from "@/panels/plot/highlight";
import { isTouch } from "@/ui/hooks/use-phone";
import { beginHold, wasHeld } from "@/ui/keys/long-press";
import { StateIcon } from "@/ui/signs/state-icon";
import { Ago } from "@/ui/text/ago";
import { MidName } from "@/ui/text/mid-name";
import { selectedIds, useIsSelected } from "../../runs/actions/run-selection";
import { StarButton } from "../../runs/actions/star-button";
import { BaselineFlag, ColorButton, EyeButton, MoreButton, openRowMenu } from "../../runs/row-parts";
import type { RunProgress } from "../../runs/use-progress";
import type { PinnedColumn } from "../pinned/pinned-columns";

/** Handlers of a list's rows; all stable. */
interface RunRowHandlers {
  onOpen(run: RunRow): void;
  onToggle(row: number): void;
  onPalette(run: RunRow, element: Element): void;
  onMenu(run: RunRow, element: Element): void;
  onStar: ((run: RunRow) => void) | undefined;
  /** `isRange`: from the row clicked before to this one. */
  onSelect(run: RunRow, row: number, isRange: boolean): void;
  onCurrent(row: number): void;
  /** The new name, or null when renaming is given up. */
  onRenamed(run: RunRow, name: string | null): void;
}

interface RunRowProps extends RunRowHandlers {
  readonly project: ProjectRef;
  readonly run: RunRow;
  /** With its id where another run of the list has the same. */
  readonly name: string;
  readonly nNameLines: number;
  readonly color: number;
  /** Its place among all rows of the list. */
  readonly row: number;
  readonly depth: number;
  readonly columns: readonly PinnedColumn[];
  readonly isShown: boolean;
  /** The row that the keyboard is on. */
  readonly isCurrent: boolean;
  readonly isRenaming: boolean;
  readonly isBaseline: boolean;
  /** Of a running run that tells how far it is. */
  readonly progress: RunProgress | null;
  readonly top: number;
}

/** The DOM id of a row, for `aria-activedescendant`. */
export function rowId(row: number): string {
  return `run-row-${row}`;
}

export const RunListRow = memo(function RunListRow(props: RunRowProps) {
  const {
    project,
    run,
    name,
    nNameLines,
    color,
    row,
    depth,
    columns,
    isShown,
    isCurrent,
    isRenaming,
    isBaseline,
  } = props;
  const { progress, top } = props;
  const isHighlighted = useIsHighlighted(run.id);
  const isSelected = useIsSelected(project, run.id);
  const classes = [
    "run-row",
    "cols",
    isShown ? "" : "off",
    isHighlighted ? "lit" : "",
    isCurrent ? "cur" : "",
  ];
  if (isSelected) classes.push("sel");
  // by touch, where there is no key to hold: once a run is selected, a tap selects another one
  const onTap = (event: MouseEvent) => {
    const isSelecting = isTouch() && selectedIds(project).size > 0;
    const isControl = (event.target as Element).closest("input, .more") !== null;
    if (!wasHeld() && (!isSelecting || isControl)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!wasHeld()) props.onSelect(run, row, false);
  };
  const onClick = (event: MouseEvent) => {
    const isSelecting = event.shiftKey || event.ctrlKey || event.metaKey;
    const isControl = (event.target as Element).closest("button, input") !== null;
    // a link opens elsewhere with the key held; the rest of the row is for selecting
    const isOpening = !event.shiftKey && (event.target as Element).closest("a") !== null;
    if (!isSelecting || isControl || isOpening) return;
    event.preventDefault();
    props.onSelect(run, row, event.shiftKey);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys of its rows
    <div
      id={rowId(row)}
      role="row"
      aria-rowindex={row + 1}
      aria-level={depth + 1}
      aria-selected={isSelected}
      className={classes.join(" ")}
      style={{ transform: `translateY(${top}px)` }}
      onClickCapture={onTap}
      onClick={onClick}
      onPointerDown={(event) => {
        props.onCurrent(row);
        beginHold(event, () => props.onSelect(run, row, false));
      }}
      onContextMenu={(event) => {
        if (wasHeld()) event.preventDefault();
        else openRowMenu(event, (element) => props.onMenu(run, element));
      }}
      {...highlightOnHover(run.id)}
    >
      <span role="gridcell" tabIndex={-1} className="box">
        <input
          type="checkbox"
          className="cb"
          aria-label={`Select ${run.name}`}
          tabIndex={-1}
          checked={isSelected}
          readOnly
          onClick={(event) => props.onSelect(run, row, event.shiftKey)}
        />
      </span>
      <span role="gridcell" tabIndex={-1}>
        <EyeButton label={`Show ${run.name}`} isOn={isShown} onClick={() => props.onToggle(row)} />
      </span>
      <span
        role="gridcell"
        tabIndex={-1}
        className={isRenaming ? "nm renamed" : "nm"}
        style={{ paddingLeft: 4 + depth * 10 }}
      >
        <ColorButton
          name={run.name}
          color={color}
          isShown={isShown}
          shape={isBaseline ? "dash" : "round"}
          onPalette={(element) => props.onPalette(run, element)}
        />
        {isRenaming ? (
          <NameEditor run={run} onDone={(name) => props.onRenamed(run, name)} />
        ) : (
          <>
            {/* not the router's link, which costs more than the rest of the row */}
            <a
              href={`/${[project.entity, project.project, "runs", run.id].map(encodeURIComponent).join("/")}`}
              className="plain name"
              tabIndex={-1}
              onClick={(event) => {
                if (event.shiftKey || event.ctrlKey || event.metaKey) return;
                event.preventDefault();
                props.onOpen(run);
              }}
            >
              <MidName name={name} nLines={nNameLines} />
            </a>
            <StateIcon state={run.state} reason={reasonOf(run)} />
            {isStarred(run) && (
              <StarButton
                name={run.name}
                isOn
                tabIndex={-1}
                onTurn={props.onStar && (() => props.onStar?.(run))}
              />
            )}
            {progress && (
              <>
                <span className="left" title={leftTitle(progress)}>
                  {leftText(progress)}
                </span>
                <span className="prog" style={{ transform: `scaleX(${progress.part})` }} />
              </>
            )}
            {isBaseline && <BaselineFlag title="Baseline: drawn dashed, deltas are against it" />}
          </>
        )}
      </span>
      {/* the field of a name has the room of the whole row */}
      {!isRenaming && (
        <>
          {columns.map((column) => (
            <Cell
              key={column.id}
              column={column}
              value={run.values[column.id]}
              more={progress && column.id === "runtime" ? leftTitle(progress) : null}
            />
          ))}
          <span role="gridcell" tabIndex={-1} className="more-cell">
            <MoreButton name={run.name} onMenu={(element) => props.onMenu(run, element)} />
          </span>
        </>
      )}
    </div>
  );
});

/** The remaining time of a run; before that is known, its progress. */
function leftText({ part, secsLeft }: RunProgress): string {
  return secsLeft === null ? `${Math.round(part * 100)} %` : `${formatDuration(secsLeft)} left`;
}

/** The same with what is counted: `about 39 min left: 34,400 of 40,000 steps`. */
function leftTitle(progress: RunProgress): string {
  const { part, count, secsLeft } = progress;
  const done = count
    ? `${formatCount(count.done)} of ${formatCount(count.end)} ${count.noun}`
    : `${Math.round(part * 100)} % done`;
  return secsLeft === null ? done : `about ${leftText(progress)}: ${done}`;
}

interface CellProps {
  readonly column: PinnedColumn;
  readonly value: unknown;
  /** More text on hover. */
  readonly more: string | null;
}

function Cell({ column, value, more }: CellProps) {
  const style = { width: column.widthPx };
  if (isTimeColumn(column.id))
    return (
      <span role="gridcell" tabIndex={-1} className="num t2" style={style}>
        {typeof value === "number" && <Ago micros={value} />}
      </span>
    );
  const { text, kind } = column.format(value);
  return (
    <span
      role="gridcell"
      tabIndex={-1}
      className="num t2 ell"
      style={style}
      title={more ? `${text}, ${more}` : text}
    >
      {kind === "nonfinite" ? <span className="flag dan">{text}</span> : text}
    </span>
  );
}

function NameEditor({ run, onDone }: { run: RunRow; onDone(name: string | null): void }) {
  const isDone = useRef(false);
  // Enter and Escape take the field away, which blurs it
  const end = (name: string | null) => {
    if (isDone.current) return;
    isDone.current = true;
    onDone(name);
  };
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // selecting alone gives the focus in Chromium only
    input.current?.focus({ preventScroll: true });
    input.current?.select();
  }, []);
  return (
    <input
      className="rename"
      aria-label={`New name of ${run.name}`}
      defaultValue={run.name}
      ref={input}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") end(event.currentTarget.value.trim());
        if (event.key === "Escape") end(null);
      }}
      onBlur={(event) => end(event.currentTarget.value.trim())}
    />
  );
}

function reasonOf({ values }: RunRow): string | null {
  return typeof values.reason === "string" ? values.reason : null;
}
