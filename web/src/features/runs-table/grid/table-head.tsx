/**
 * The table's head: where columns come from, and their names; each with a menu, an edge to drag its width,
 * and itself to drag to another place.
 */

import { memo, type PointerEvent as ReactPointerEvent, useRef, useState } from "react";
import { columnLabel, SCOPE_TITLES, type TableColumn } from "@/data/table/columns";
import { indexAt, type Span } from "@/data/table/window";
import type { Order } from "@/data/view/view";
import { Checkbox } from "@/ui/controls/checkbox";
import { ColumnEdge } from "@/ui/controls/column-edge";
import { Icon } from "@/ui/signs/icons";
import { type GridLayout, HEAD_PX } from "./grid-layout";

const DRAG_PX = 5;

interface HeadHandlers {
  onMenu(column: string, element: Element): void;
  onResize(column: string, widthPx: number): void;
  /** Put a column before another one; null: behind the last. `isPinned`: of the pinned ones. */
  onMove(column: string, before: string | null, isPinned: boolean): void;
  onSelectAll(isOn: boolean): void;
}

interface TableHeadProps extends HeadHandlers {
  readonly layout: GridLayout;
  readonly columns: Span;
  readonly order: readonly Order[];
  /** `4 of 41` next to a scope's title. */
  readonly counts: Readonly<Record<string, string>>;
  readonly selection: "none" | "some" | "all";
  /** The column whose menu is open. */
  readonly openColumn: string | null;
  readonly cursorColumn: string | null;
  readonly nRows: number;
}

/** Columns of the same scope side by side. */
function bandsOf(
  columns: readonly TableColumn[],
): { scope: TableColumn["scope"]; first: number; end: number }[] {
  const bands: { scope: TableColumn["scope"]; first: number; end: number }[] = [];
  columns.forEach((column, i) => {
    const last = bands.at(-1);
    if (last && last.scope === column.scope) last.end = i + 1;
    else bands.push({ scope: column.scope, first: i, end: i + 1 });
  });
  return bands;
}

export const TableHead = memo(function TableHead(props: TableHeadProps) {
  const { layout, columns, counts, selection, order, openColumn, cursorColumn } = props;
  const [dragged, setDragged] = useState<{ column: string; atPx: number; isPinned: boolean } | null>(null);
  const head = useRef<HTMLDivElement>(null);
  const bands = bandsOf(layout.scrolled).filter(
    (band) => band.end > columns.first && band.first < columns.end,
  );
  const startsBand = new Set(bands.map((band) => band.first));
  const common = {
    order,
    openColumn,
    cursorColumn,
    dragged,
    setDragged,
    headRef: head,
    layout,
    ...pick(props),
  };
  return (
    <div className="rt-head" role="rowgroup" ref={head} style={{ width: layout.widthPx, height: HEAD_PX }}>
      <div className="rt-bands" role="row" aria-rowindex={1} style={{ width: layout.widthPx }}>
        <div className="pin" style={{ width: layout.pinnedPx }} role="columnheader" tabIndex={-1}>
          <span className="sr">Pinned</span>
        </div>
        {bands.map(({ scope, first, end }) => (
          <div
            key={`${scope}-${first}`}
            className="band"
            role="columnheader"
            tabIndex={-1}
            aria-colspan={end - first}
            style={{
              left: layout.pinnedPx + layout.edges[first]!,
              width: layout.edges[end]! - layout.edges[first]!,
            }}
          >
            <span className="title" style={{ left: layout.pinnedPx }}>
              {SCOPE_TITLES[scope]}
              {counts[scope] && <span className="badge">{counts[scope]}</span>}
            </span>
          </div>
        ))}
      </div>
      <div className="rt-names" role="row" aria-rowindex={2} style={{ width: layout.widthPx }}>
        <div className="pin" style={{ width: layout.pinnedPx }}>
          <div
            className={`h nm ${cursorColumn === "name" ? "cur" : ""}`}
            role="columnheader"
            tabIndex={-1}
            id="head-name"
            style={{ left: 0, width: layout.namePx }}
          >
            <Checkbox
              label="Select all runs"
              isOn={selection === "all"}
              isMixed={selection === "some"}
              tabIndex={-1}
              onChange={(isOn) => props.onSelectAll(isOn)}
            />
            <HeadName {...common} id="name" label="Name" aggregate={null} />
            <span className="muted pin-mark" title="Always at the left">
              <Icon name="pin" />
            </span>
            <ColumnEdge onResize={(px) => props.onResize("name", px ?? Number.NaN)} />
          </div>
          {layout.pinned.map((column, i) => (
            <Head
              key={column.id}
              {...common}
              column={column}
              leftPx={layout.pinnedEdges[i]!}
              isPinned
              startsBand={false}
            />
          ))}
        </div>
        {layout.scrolled.slice(columns.first, columns.end).map((column, i) => (
          <Head
            key={column.id}
            {...common}
            column={column}
            leftPx={layout.pinnedPx + layout.edges[columns.first + i]!}
            isPinned={false}
            startsBand={startsBand.has(columns.first + i)}
          />
        ))}
        {dragged && <span className="drop" style={{ left: dragged.atPx }} />}
      </div>
    </div>
  );
});

function pick({ onMenu, onResize, onMove }: HeadHandlers) {
  return { onMenu, onResize, onMove };
}

interface HeadCommon extends Pick<HeadHandlers, "onMenu" | "onResize" | "onMove"> {
  readonly order: readonly Order[];
  readonly openColumn: string | null;
  readonly cursorColumn: string | null;
  readonly dragged: { readonly column: string; readonly atPx: number } | null;
  readonly headRef: React.RefObject<HTMLDivElement | null>;
  readonly layout: GridLayout;
  setDragged(dragged: { column: string; atPx: number; isPinned: boolean } | null): void;
}

interface HeadProps extends HeadCommon {
  readonly column: TableColumn;
  readonly leftPx: number;
  readonly isPinned: boolean;
  readonly startsBand: boolean;
}

function Head(props: HeadProps) {
  const { column, leftPx, isPinned, startsBand, order, openColumn, cursorColumn, dragged } = props;
  const sorted = order.find((sortKey) => sortKey.column === column.id);
  const classes = [
    "h",
    column.isNumeric ? "number" : "",
    sorted ? "sorted" : "",
    startsBand ? "gs" : "",
    openColumn === column.id ? "open" : "",
    cursorColumn === column.id ? "cur" : "",
    dragged?.column === column.id ? "dragged" : "",
  ];
  return (
    <div
      id={`head-${column.id}`}
      role="columnheader"
      tabIndex={-1}
      aria-sort={sorted ? (sorted.descending ? "descending" : "ascending") : undefined}
      className={classes.join(" ")}
      style={{ left: leftPx, width: column.widthPx }}
      onContextMenu={(event) => {
        event.preventDefault();
        props.onMenu(column.id, event.currentTarget);
      }}
      onPointerDown={(event) => startDrag(event, props, isPinned)}
    >
      <HeadName {...props} id={column.id} label={column.label} aggregate={column.aggregate} />
      <ColumnEdge onResize={(px) => props.onResize(column.id, px ?? Number.NaN)} />
    </div>
  );
}

interface HeadNameProps extends HeadCommon {
  readonly id: string;
  readonly label: string;
  readonly aggregate: string | null;
}

function HeadName({ id, label, aggregate, order, onMenu }: HeadNameProps) {
  const at = order.findIndex((sortKey) => sortKey.column === id);
  const sorted = order[at];
  return (
    <button
      type="button"
      className="name"
      tabIndex={-1}
      aria-haspopup="menu"
      title={id === "name" ? label : columnLabel(id)}
      onClick={(event) => onMenu(id, event.currentTarget.parentElement ?? event.currentTarget)}
    >
      <span className="ell">{label}</span>
      {aggregate && <span className="of">{aggregate}</span>}
      {sorted && <Icon name={sorted.descending ? "down" : "up"} />}
      {sorted && order.length > 1 && <span className="ord">{at + 1}</span>}
    </button>
  );
}

/** Drag a head: the table says where it would stand; a click without a movement drags nothing. */
function startDrag(event: ReactPointerEvent<HTMLElement>, props: HeadProps, isPinned: boolean): void {
  if (event.button !== 0) return;
  const { column, layout, headRef, setDragged, onMove } = props;
  const startX = event.clientX;
  const element = event.currentTarget;
  let target: { before: string | null } | null = null;
  const move = (moved: PointerEvent) => {
    if (!target && Math.abs(moved.clientX - startX) < DRAG_PX) return;
    const left = headRef.current?.getBoundingClientRect().left ?? 0;
    const px = moved.clientX - left;
    const columns = isPinned ? layout.pinned : layout.scrolled;
    const edges = isPinned ? layout.pinnedEdges : layout.edges.map((edge) => edge + layout.pinnedPx);
    const at = Math.max(0, Math.min(columns.length - 1, indexAt(edges, px)));
    const isRight = px > (edges[at]! + edges[at + 1]!) / 2;
    const edge = isRight ? at + 1 : at;
    target = { before: columns[edge]?.id ?? null };
    setDragged({ column: column.id, atPx: edges[edge]!, isPinned });
  };
  const end = () => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", drop);
    window.removeEventListener("keydown", giveUp, true);
    setDragged(null);
  };
  const drop = () => {
    end();
    if (!target) return;
    // the click that ends a drag opens no menu
    element.addEventListener("click", (click) => click.stopPropagation(), { capture: true, once: true });
    if (target.before !== column.id) onMove(column.id, target.before, isPinned);
  };
  const giveUp = (key: KeyboardEvent) => {
    if (key.key !== "Escape") return;
    key.stopPropagation();
    end();
  };
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", drop);
  window.addEventListener("keydown", giveUp, true);
}
