/**
 * A panel's legend: one line or two, three for three long names, as many names as fit, then a button with how many more that lists all; or a
 * column at the right. Hovering lights the run everywhere.
 */

import { memo, useMemo } from "react";
import { formatNoun } from "@/data/text/format";
import type { Stroke } from "@/data/view/settings";
import { leaveWheelToPage } from "@/ui/browser/page-wheel";
import { Popover } from "@/ui/overlays/popover";
import { MidName, NamesBeside, usePartsOfNames } from "@/ui/text/mid-name";
import { highlightOnHover, useIsAnyHighlighted, useIsHighlighted } from "./highlight";
import { areToldApart, fitLegend } from "./legend-fit";

export interface LegendItem {
  readonly id: string;
  /** Its highlight, where that is not its id: see `Curve`. */
  readonly highlightId?: string;
  readonly name: string;
  /** 1 … 12. */
  readonly color: number;
  /** Absent or null: as of a curve without a style of its own. */
  readonly stroke?: Stroke | null;
  readonly widthPx?: number | null;
  readonly hasDots?: boolean;
  readonly isBaseline?: boolean;
  /** Of dots without a line. */
  readonly isDot?: boolean;
}

function highlightIdOf(item: LegendItem): string {
  return item.highlightId ?? item.id;
}

/** Of a name that cannot be measured. */
const UNKNOWN_PX = 160;

const widths = new Map<string, number>();
let ruler: CanvasRenderingContext2D | null = null;

function textWidth(text: string): number {
  let width = widths.get(text);
  if (width === undefined) {
    ruler ??= document.createElement("canvas").getContext("2d");
    if (!ruler) return UNKNOWN_PX;
    ruler.font = `500 11px ${getComputedStyle(document.body).fontFamily}`;
    width = ruler.measureText(text).width;
    widths.set(text, width);
  }
  return width;
}

/** Opens the menu of what this lights, there on the page; null closes it. */
export type OnMenu = (
  menu: { readonly highlightId: string; readonly left: number; readonly top: number } | null,
) => void;

interface EntriesProps {
  readonly items: readonly LegendItem[];
  /** Absent where entries have no menu. */
  readonly onMenu?: OnMenu | undefined;
}

interface LegendProps extends EntriesProps {
  /** Of the panel, px. */
  readonly width: number;
}

/** The legend above a chart. */
export function Legend({ items, width, onMenu }: LegendProps) {
  const names = items.map(({ name }) => name);
  const parts = usePartsOfNames(names);
  const text = names.join("\n");
  const fit = useMemo(() => fitLegend(namesIn(text), parts, textWidth, width), [text, parts, width]);
  const shown = items.slice(0, fit.namesPx.length);
  const left = items.length - shown.length;
  const isDim = useIsAnyHighlighted(shown.map(highlightIdOf));
  if (width === 0) return <div className="legend" />;
  return (
    <div
      className={`legend ${fit.nLines > 1 ? "wrapped" : ""} ${isDim ? "dim" : ""}`}
      style={{ "--lines": fit.nLines } as React.CSSProperties}
    >
      <NamesBeside names={names}>
        {shown.map((item, i) => (
          <Entry key={item.id} item={item} onMenu={onMenu} namePx={fit.namesPx[i]} />
        ))}
      </NamesBeside>
      {left > 0 && <All items={items} left={left} onMenu={onMenu} />}
    </div>
  );
}

function namesIn(text: string): string[] {
  return text === "" ? [] : text.split("\n");
}

/** Names in a column; no one reads more. */
const COLUMN_MAX = 200;
/** Room of a name in the column, and in the list of all, px, as panel.css sets them. */
const COLUMN_NAME_PX = 131;
const LIST_NAME_PX = 340;

/** Whether names that would be cut to the same text in so much room are shown whole, on several lines. */
function useAreWhole(items: readonly LegendItem[], namePx: number): boolean {
  const names = items.map(({ name }) => name);
  const parts = usePartsOfNames(names);
  const text = names.join("\n");
  return useMemo(() => !areToldApart(namesIn(text), parts, textWidth, namePx), [text, parts, namePx]);
}

/** The legend at the right of a chart, scrolled. */
export function LegendColumn({ items, onMenu }: EntriesProps) {
  const shown = useMemo(() => items.slice(0, COLUMN_MAX), [items]);
  const areWhole = useAreWhole(shown, COLUMN_NAME_PX);
  const isDim = useIsAnyHighlighted(shown.map(highlightIdOf));
  return (
    <div
      ref={leaveWheelToPage}
      className={`legend side ${isDim ? "dim" : ""} ${areWhole ? "whole" : ""}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
      tabIndex={0}
      role="group"
      aria-label="Legend"
    >
      <NamesBeside names={items.map(({ name }) => name)}>
        {shown.map((item) => (
          <Entry key={item.id} item={item} onMenu={onMenu} />
        ))}
      </NamesBeside>
      {items.length > shown.length && (
        <All items={items} left={items.length - shown.length} onMenu={onMenu} />
      )}
    </div>
  );
}

/** The button after the last name that fits: it opens the list of all of them. */
function All({ items, left, onMenu }: EntriesProps & { left: number }) {
  const label = `All ${formatNoun(items.length, "curve")}`;
  return (
    <Popover
      label={label}
      position="bottom-end"
      target={
        <button type="button" className="more" aria-label={`${left} more: ${label.toLowerCase()}`}>
          +{left}
        </button>
      }
    >
      <AllEntries items={items} label={label} onMenu={onMenu} />
    </Popover>
  );
}

/** Rendered only while it is open: to compare a thousand names with each other takes long. */
function AllEntries({ items, label, onMenu }: EntriesProps & { label: string }) {
  const areWhole = useAreWhole(items, LIST_NAME_PX);
  return (
    <>
      <p className="legend-title">{label}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard */}
      <ul className={`legend all ${areWhole ? "whole" : ""}`} tabIndex={0} data-autofocus aria-label={label}>
        {items.map((item) => (
          <li key={item.id}>
            <Entry item={item} onMenu={onMenu} />
          </li>
        ))}
      </ul>
    </>
  );
}

interface EntryProps {
  readonly item: LegendItem;
  readonly onMenu: OnMenu | undefined;
  /** Absent: as the list of entries has it. */
  readonly namePx?: number | undefined;
}

/** Follows the highlighted run by itself: no list is rendered again with each move of the pointer. */
const Entry = memo(function Entry({ item, onMenu, namePx }: EntryProps) {
  const highlightId = highlightIdOf(item);
  const isHighlighted = useIsHighlighted(highlightId);
  const content = (
    <>
      <Swatch item={item} />
      <MidName name={item.name} />
    </>
  );
  const style = namePx === undefined ? undefined : ({ "--name-px": `${namePx}px` } as React.CSSProperties);
  return (
    <span className={isHighlighted ? "lit" : ""} style={style} {...highlightOnHover(highlightId)}>
      {onMenu ? (
        <button
          type="button"
          className="entry"
          // the keyboard's way is Enter at the curve: a page of panels would have hundreds of stops
          tabIndex={-1}
          aria-haspopup="menu"
          onClick={(event) => onMenu({ highlightId, ...below(event.currentTarget) })}
          onContextMenu={(event) => {
            event.preventDefault();
            onMenu({ highlightId, ...below(event.currentTarget) });
          }}
        >
          {content}
        </button>
      ) : (
        content
      )}
    </span>
  );
});

function below(element: Element) {
  const { left, bottom } = element.getBoundingClientRect();
  return { left, top: bottom };
}

/** Across the stroke of an entry whose curve has dots, px at most: the dot must be seen on it. */
const DOTTED_MAX_PX = 2.5;

/** A stroke as in the chart. */
export function Swatch({ item }: { item: Omit<LegendItem, "id" | "highlightId" | "name"> }) {
  const { color, widthPx = null, hasDots = false } = item;
  if (item.isDot) return <i className="sw-dot" style={{ background: `var(--w-run-${color})` }} />;
  const stroke = item.stroke ?? (item.isBaseline ? "dashed" : "solid");
  const wide =
    widthPx === null ? undefined : Math.min(widthPx + 0.5, hasDots ? DOTTED_MAX_PX : widthPx + 0.5);
  const style = { color: `var(--w-run-${color})`, borderTopWidth: wide };
  return <i className={`swatch ${stroke} ${hasDots ? "dots" : ""}`} style={style} />;
}
