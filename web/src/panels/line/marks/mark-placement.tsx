/** Over a chart while a mark is being set: a line follows the pointer, a click or Enter sets it there. */

import { type PointerEvent, useEffect, useEffectEvent, useRef, useState } from "react";
import type { Frame } from "@/charts/axis/scale";
import { positionText, type XAxis } from "@/charts/axis/x-axis";
import { formatValue } from "@/data/text/format";
import type { Mark } from "@/data/view/panel";

/** One press of an arrow, px; with Shift ten times as far. */
const KEY_PX = 4;

interface MarkPlacementProps {
  readonly kind: Mark["kind"];
  readonly axis: XAxis;
  /** The chart's frame now; null before it is drawn over this axis. */
  frame(): Frame | null;
  onPlaced(at: number): void;
  onCancel(): void;
}

export default function MarkPlacement({ kind, axis, frame, onPlaced, onCancel }: MarkPlacementProps) {
  const layer = useRef<HTMLDivElement>(null);
  const [pointer, setPointer] = useState<{ x: number; y: number } | null>(null);
  useEffect(() => {
    const box = layer.current;
    if (!box) return;
    box.focus();
    setPointer({ x: box.clientWidth / 2, y: box.clientHeight / 2 });
  }, []);
  const isLine = kind === "threshold";
  const valueAt = (px: { x: number; y: number }) => {
    const now = frame();
    if (!now) return null;
    const { left, right, top, floor } = now;
    const x = Math.min(right, Math.max(left, px.x));
    const y = Math.min(floor, Math.max(top, px.y));
    const span = now.x[1] - now.x[0];
    if (isLine) return { px: y, value: rounded(now.yAt(y), Math.abs(now.yAt(floor) - now.yAt(top))), span };
    const at = now.xAt(x);
    return { px: x, value: axis.kind === "step" ? Math.round(at) : rounded(at, span), span };
  };
  const target = pointer && valueAt(pointer);
  // the chart may have been redrawn since the pointer came here
  const put = () => {
    const at = pointer && valueAt(pointer);
    if (at) onPlaced(at.value);
  };
  const follow = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    setPointer({ x: event.clientX - box.left, y: event.clientY - box.top });
  };
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const by = event.shiftKey ? KEY_PX * 10 : KEY_PX;
    const move = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] }[
      event.key
    ];
    if (move && pointer) setPointer({ x: pointer.x + move[0]!, y: pointer.y + move[1]! });
    else if (event.key === "Enter") put();
    else if (event.key === "Escape") onCancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const onDown = useEffectEvent((event: Event) => {
    if (!layer.current?.contains(event.target as Node)) onCancel();
  });
  // wherever the focus is: a menu that was left gives it back to its button
  useEffect(() => {
    const unbind = new AbortController();
    const bound = { signal: unbind.signal, capture: true };
    document.addEventListener("keydown", (event) => onKey(event), bound);
    document.addEventListener("pointerdown", (event) => onDown(event), bound);
    return () => unbind.abort();
  }, []);
  const textOf = ({ value, span }: { value: number; span: number }) =>
    isLine ? formatValue(value) : positionText(axis, value, 1, span);
  const text = target ? textOf(target) : "";
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are followed on the whole page
    <div
      ref={layer}
      className="placing"
      role="application"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows and Enter set the mark without a pointer
      tabIndex={0}
      aria-label={isLine ? "Set a threshold" : "Annotate"}
      onPointerMove={follow}
      onPointerDown={(event) => event.stopPropagation()}
      onClick={(event) => {
        event.stopPropagation();
        put();
      }}
    >
      {target && (
        <>
          <div
            className={`line ${isLine ? "horizontal" : "vertical"}`}
            style={isLine ? { top: target.px } : { left: target.px }}
          />
          <div
            className="at"
            role="status"
            style={isLine ? { top: target.px - 24, left: 50 } : { left: target.px + 6, bottom: 26 }}
          >
            {text}
          </div>
        </>
      )}
      <div className="hint">
        {isLine ? "Click where the threshold lies" : "Click where it happened"}, Esc to leave it
      </div>
    </div>
  );
}

/** To a thousandth of what is shown. */
function rounded(value: number, span: number): number {
  const digits = Math.min(12, Math.max(0, 3 - Math.floor(Math.log10(span || 1))));
  return Number(value.toFixed(digits));
}
