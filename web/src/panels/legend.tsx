/**
 * A panel's legend: one line, as many names as fit, then how many more; or a column at the right. Hovering
 * lights the run everywhere.
 */

import { MidName } from "@/ui/mid-name";
import { litOnHover, useLitRun } from "./lit";

export interface LegendItem {
  readonly id: string;
  /** What lights it, where that is not its id: see `Curve`. */
  readonly lit?: string;
  readonly name: string;
  /** 1 … 12. */
  readonly color: number;
  readonly stroke?: "solid" | "dashed" | "dotted";
  readonly isBaseline?: boolean;
}

function litOf(item: LegendItem): string {
  return item.lit ?? item.id;
}

/** Px of the parts of an entry, as panel.css sets them. */
const ENTRY_PX = 12 + 5 + 10;
const NAME_MAX_PX = 160;
const MORE_PX = 34;
const SIDE_PX = 24;

const widths = new Map<string, number>();
let measure: CanvasRenderingContext2D | null = null;

function nameWidth(name: string): number {
  let width = widths.get(name);
  if (width === undefined) {
    measure ??= document.createElement("canvas").getContext("2d");
    if (!measure) return NAME_MAX_PX;
    measure.font = `500 11px ${getComputedStyle(document.body).fontFamily}`;
    width = Math.min(NAME_MAX_PX, Math.ceil(measure.measureText(name).width));
    widths.set(name, width);
  }
  return width;
}

/** How many entries fit in `width` px: at least one, and room for `+n` when some are left. */
function fitting(items: readonly LegendItem[], width: number): number {
  let used = SIDE_PX;
  for (let i = 0; i < items.length; i++) {
    used += nameWidth(items[i]!.name) + ENTRY_PX;
    const isLast = i === items.length - 1;
    if (used > width - (isLast ? 0 : MORE_PX)) return Math.max(1, i);
  }
  return items.length;
}

interface LegendProps {
  readonly items: readonly LegendItem[];
  /** Of the panel, px. */
  readonly width: number;
}

/** The legend above a chart. */
export function Legend({ items, width }: LegendProps) {
  const lit = useLitRun();
  if (width === 0) return <div className="legend" />;
  const shown = items.slice(0, fitting(items, width));
  const left = items.length - shown.length;
  const isDim = lit !== null && shown.some((item) => litOf(item) === lit);
  return (
    <div className={`legend ${isDim ? "dim" : ""}`}>
      {shown.map((item) => (
        <Entry key={item.id} item={item} isLit={litOf(item) === lit} />
      ))}
      {left > 0 && (
        <span
          className="more"
          title={items
            .slice(shown.length, shown.length + 40)
            .map((item) => item.name)
            .join("\n")}
        >
          +{left}
        </span>
      )}
    </div>
  );
}

/** Names that a column holds; beyond these nobody reads. */
const COLUMN_MAX = 200;

/** The legend at the right of a chart, scrolled. */
export function LegendColumn({ items }: { items: readonly LegendItem[] }) {
  const lit = useLitRun();
  const shown = items.slice(0, COLUMN_MAX);
  const isDim = lit !== null && shown.some((item) => litOf(item) === lit);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
    <div className={`legend side ${isDim ? "dim" : ""}`} tabIndex={0} role="group" aria-label="Legend">
      {shown.map((item) => (
        <Entry key={item.id} item={item} isLit={litOf(item) === lit} />
      ))}
      {items.length > shown.length && <span className="more">+{items.length - shown.length}</span>}
    </div>
  );
}

function Entry({ item, isLit }: { item: LegendItem; isLit: boolean }) {
  return (
    <span className={isLit ? "lit" : ""} {...litOnHover(litOf(item))}>
      <Swatch item={item} />
      <MidName name={item.name} />
    </span>
  );
}

/** A stroke as in the chart. */
export function Swatch({ item }: { item: Pick<LegendItem, "color" | "stroke" | "isBaseline"> }) {
  const stroke = item.isBaseline ? "dashed" : (item.stroke ?? "solid");
  return <i className={`swatch ${stroke}`} style={{ color: `var(--w-run-${item.color})` }} />;
}
