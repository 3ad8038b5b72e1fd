/** The row of a group: how many runs in which states, and of each column mean and spread, or the range. */

import { memo } from "react";
import type { Figures, GroupFigures } from "@/api/runs/group-figures";
import type { RunGroup } from "@/api/runs/groups";
import { distinctText, formatRunTime, spreadText, type ValueCounts } from "@/data/table/cell-format";
import { isTimeColumn, scopeOf } from "@/data/table/columns";
import type { Span } from "@/data/table/window";
import { formatCount, formatDuration, formatNoun } from "@/data/text/format";
import { Checkbox } from "@/ui/controls/checkbox";
import { Icon } from "@/ui/signs/icons";
import { StateIcon } from "@/ui/signs/state-icon";
import { Ago } from "@/ui/text/ago";
import { MidName } from "@/ui/text/mid-name";
import { ColorButton, EyeButton } from "../../runs/row-parts";
import { cellProps, type GridLayout, rowProps } from "./grid-layout";
import { type ColumnLook, cellClass } from "./value-cell";

interface GroupHandlers {
  onFold(index: number): void;
  onEye(index: number): void;
  onGroupPalette(group: RunGroup, element: Element): void;
  onGroupSelect(group: RunGroup, isOn: boolean): void;
}

interface TableGroupRowProps extends GroupHandlers {
  readonly index: number;
  readonly depth: number;
  readonly group: RunGroup;
  /** Null where no curve is its own: it holds groups. */
  readonly color: number | null;
  /** The value of its own level, as people read it. */
  readonly name: string;
  readonly figures: GroupFigures | undefined;
  readonly layout: GridLayout;
  readonly looks: readonly ColumnLook[];
  readonly columns: Span;
  readonly isOpen: boolean;
  readonly isShown: boolean;
  readonly nSelected: number;
}

/** The group's cells that scroll sideways. Both parts are rows of the same index. */
export const TableGroupRow = memo(function TableGroupRow(props: TableGroupRowProps) {
  const { index, layout, looks, columns, isShown, nSelected } = props;
  const nPinned = layout.pinned.length;
  const cells: React.ReactNode[] = [];
  for (let i = columns.first; i < columns.end; i++)
    cells.push(figureCell(props, looks[nPinned + i], layout.pinnedPx + layout.edges[i]!, nPinned + i));
  return (
    <div
      role="row"
      {...rowProps(index, layout.widthPx)}
      aria-expanded={props.isOpen}
      aria-level={props.depth + 1}
      aria-selected={nSelected > 0}
      className={`rt-row g ${isShown ? "" : "off"}`}
    >
      {cells}
    </div>
  );
});

/** The group's cells that stay at the left. */
export const TableGroupPin = memo(function TableGroupPin(props: TableGroupRowProps) {
  const { index, layout, looks, isShown } = props;
  return (
    <div
      role="row"
      {...rowProps(index, layout.pinnedPx)}
      aria-expanded={props.isOpen}
      aria-level={props.depth + 1}
      aria-selected={props.nSelected > 0}
      className={`rt-row pin g ${isShown ? "" : "off"}`}
    >
      <GroupName {...props} />
      {layout.pinned.map((_, i) => figureCell(props, looks[i], layout.pinnedEdges[i]!, i))}
    </div>
  );
});

function figureCell(
  { index, figures, group, layout }: TableGroupRowProps,
  look: ColumnLook | undefined,
  leftPx: number,
  columnIndex: number,
) {
  if (!look) return null;
  const startsBand = layout.bandStarts.has(columnIndex - layout.pinned.length);
  return (
    <div
      {...cellProps(index, look.column.id, columnIndex + 1, { left: leftPx, width: look.column.widthPx })}
      key={look.column.id}
      className={`${cellClass(look.column, startsBand)} agg`}
    >
      <GroupCell look={look} figures={figures} nRuns={group.nRuns} />
    </div>
  );
}

function GroupName(props: TableGroupRowProps) {
  const { index, depth, group, color, name, layout, isOpen, isShown, nSelected, ...on } = props;
  return (
    <div
      {...cellProps(index, "name", 0, { left: 0, width: layout.namePx, paddingLeft: 14 + depth * 12 })}
      className="c nm"
    >
      <Checkbox
        label={`Select the runs of ${name}`}
        isOn={nSelected > 0 && nSelected >= group.nRuns}
        isMixed={nSelected > 0 && nSelected < group.nRuns}
        tabIndex={-1}
        onChange={(isOn) => on.onGroupSelect(group, isOn)}
      />
      <EyeButton label={`Show ${name} in charts`} isOn={isShown} onClick={() => on.onEye(index)} />
      {color !== null && (
        <ColorButton
          name={`group ${name}`}
          color={color}
          isShown={isShown}
          shape="square"
          onPalette={(element) => on.onGroupPalette(group, element)}
        />
      )}
      <button
        type="button"
        className="fold"
        tabIndex={-1}
        aria-expanded={isOpen}
        onClick={() => on.onFold(index)}
      >
        <Icon name={isOpen ? "down" : "right"} isSmall />
        <span className="ell">
          <MidName name={name} />
        </span>{" "}
        <span className="muted tn count">{formatNoun(group.nRuns, "run")}</span>
      </button>
    </div>
  );
}

interface GroupCellProps {
  readonly look: ColumnLook;
  readonly figures: GroupFigures | undefined;
  readonly nRuns: number;
}

function GroupCell({ look, figures, nRuns }: GroupCellProps) {
  const { id } = look.column;
  if (!figures) return null;
  if (id === "state") {
    const states = [...figures.states].sort(([, a], [, b]) => b - a);
    return (
      <span className="states" title={states.map(([state, n]) => `${formatCount(n)} ${state}`).join(", ")}>
        {states.map(([state, n]) => (
          <span className="stt" key={state}>
            <StateIcon state={state} />
            <span className="tn">{formatCount(n)}</span>
          </span>
        ))}
      </span>
    );
  }
  if (id === "runtime") return <Runtime meanSecs={figures.meanRuntimeSecs} nRuns={nRuns} />;
  const counts = figures.texts.get(id);
  if (counts) return <Values counts={counts} look={look} />;
  const own = figures.figures.get(id);
  if (!own || own.mean === null) return null;
  if (isTimeColumn(id)) return <Ago micros={own.max!} />;
  return scopeOf(id) === "summary" ? <Spread look={look} own={own} /> : <Range look={look} own={own} />;
}

function Runtime({ meanSecs, nRuns }: { meanSecs: number | null; nRuns: number }) {
  if (meanSecs === null) return null;
  return (
    <span title={`${formatRunTime(meanSecs * nRuns)} of ${formatNoun(nRuns, "run")} together`}>
      <b>{formatDuration(meanSecs)}</b> <small>mean</small>
    </span>
  );
}

function Spread({ look, own }: { look: ColumnLook; own: Figures }) {
  const { text, spread } = spreadText(own.mean!, own.std, look.format);
  return (
    <span>
      <b>{text}</b> {spread && <small>{spread}</small>}
    </span>
  );
}

function Values({ counts, look }: { counts: ValueCounts; look: ColumnLook }) {
  const { text, title } = distinctText(counts, look.format);
  return <span title={title}>{text}</span>;
}

function Range({ look, own }: { look: ColumnLook; own: Figures }) {
  const [low, high] = [look.format(own.min).text, look.format(own.max).text];
  return low === high ? low : `${low} – ${high}`;
}
