/**
 * The whole range of x below a zoomed chart, with the part that the chart shows: dragged, widened, moved by keys.
 */

import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import { MARGIN, type Range } from "@/charts/axis/scale";
import { badgeOf, type XAxis } from "@/charts/axis/x-axis";

/** A shorter brush is a click, px. */
const LEAST_PX = 4;
/** One press of an arrow moves an edge by this part of the range. */
const KEY_PART = 0.02;

interface RangeBrushProps {
  readonly axis: XAxis;
  readonly whole: Range;
  /** False while `whole` is not the range of the axis: no part of it can be chosen. */
  readonly isKnown: boolean;
  readonly zoom: Range | null;
  /** The chart of the whole range. */
  readonly children: React.ReactNode;
  onZoom(range: Range | null): void;
}

type Grip = "from" | "to" | "all" | "new";

export function RangeBrush({ axis, whole, isKnown, zoom, children, onZoom }: RangeBrushProps) {
  const area = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ grip: Grip; startPx: number; start: Range } | null>(null);
  const [draft, setDraft] = useState<Range | null>(null);
  const shown = draft ?? zoom ?? whole;
  const span = whole[1] - whole[0] || 1;
  const part = (x: number) => Math.min(1, Math.max(0, (x - whole[0]) / span));
  const [from, to] = [part(shown[0]), part(shown[1])];
  const xPerPx = () => span / Math.max(1, (area.current?.clientWidth ?? 1) - MARGIN.left - MARGIN.right);
  const xAt = (event: PointerEvent) => {
    const left = (area.current?.getBoundingClientRect().left ?? 0) + MARGIN.left;
    return whole[0] + (event.clientX - left) * xPerPx();
  };
  const clamp = (x: number) => Math.min(whole[1], Math.max(whole[0], x));
  const settle = (range: Range) => {
    const isAll = range[0] <= whole[0] && range[1] >= whole[1];
    onZoom(isAll ? null : range);
  };

  const begin = (event: PointerEvent, grip: Grip) => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    if (!isKnown) return;
    area.current?.setPointerCapture(event.pointerId);
    const x = clamp(xAt(event));
    const isNew = grip === "new";
    setDrag({ grip, startPx: event.clientX, start: isNew ? [x, x] : shown });
    if (!isNew) setDraft(shown);
  };
  const move = (event: PointerEvent) => {
    if (!drag) return;
    const { grip, startPx, start } = drag;
    const by = (event.clientX - startPx) * xPerPx();
    if (grip === "new") {
      const end = clamp(start[0] + by);
      setDraft(Math.abs(event.clientX - startPx) < LEAST_PX ? null : sorted(start[0], end));
    } else if (grip === "all") {
      const shift = Math.min(whole[1] - start[1], Math.max(whole[0] - start[0], by));
      setDraft([start[0] + shift, start[1] + shift]);
    } else if (grip === "from") setDraft(sorted(clamp(start[0] + by), start[1]));
    else setDraft(sorted(start[0], clamp(start[1] + by)));
  };
  const end = () => {
    if (!drag) return;
    setDrag(null);
    setDraft(null);
    if (isKnown && draft && draft[1] - draft[0] > xPerPx() * LEAST_PX) settle(draft);
  };
  const onKey = (event: KeyboardEvent, edge: 0 | 1) => {
    const step = { ArrowLeft: -KEY_PART, ArrowRight: KEY_PART, Home: -1, End: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (!isKnown) return;
    const x = clamp(shown[edge] + step * span);
    const next: Range =
      edge === 0
        ? [Math.min(x, shown[1] - span / 1000), shown[1]]
        : [shown[0], Math.max(x, shown[0] + span / 1000)];
    settle(next);
  };
  const leftOf = (at: number) => `calc(${MARGIN.left}px + (100% - ${MARGIN.left + MARGIN.right}px) * ${at})`;

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its two edges are sliders, for keys
    <div
      className="brush"
      ref={area}
      onPointerDown={(event) => begin(event, "new")}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={end}
      onDoubleClick={() => onZoom(null)}
    >
      {children}
      <div
        className="brush-part"
        style={{ left: leftOf(from), width: `calc((100% - ${MARGIN.left + MARGIN.right}px) * ${to - from})` }}
        onPointerDown={zoom || draft ? (event) => begin(event, "all") : undefined}
      >
        {([0, 1] as const).map((edge) => (
          <span
            key={edge}
            role="slider"
            tabIndex={0}
            className={edge === 0 ? "edge from" : "edge to"}
            aria-disabled={!isKnown || undefined}
            aria-label={edge === 0 ? "Start of the range" : "End of the range"}
            aria-valuemin={whole[0]}
            aria-valuemax={whole[1]}
            aria-valuenow={shown[edge]}
            aria-valuetext={badgeOf(axis, shown[edge], span)}
            onPointerDown={(event) => begin(event, edge === 0 ? "from" : "to")}
            onKeyDown={(event) => onKey(event, edge)}
          />
        ))}
      </div>
    </div>
  );
}

function sorted(a: number, b: number): Range {
  return a <= b ? [a, b] : [b, a];
}
