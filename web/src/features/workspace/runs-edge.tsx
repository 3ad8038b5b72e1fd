/**
 * The edge between runs list and panels: dragged, or moved by arrow keys; the width stays in this browser.
 */

import { useState } from "react";
import { readStored, writeStored } from "@/ui/stored";

const MIN_PX = 220;
const MAX_PX = 640;
const FIRST_PX = 368;
const KEY_PX = 16;

function clamp(width: number): number {
  return Math.round(Math.max(MIN_PX, Math.min(MAX_PX, width)));
}

/** The list's width in px, and a function that sets it. */
export function useRunsWidth(): [number, (width: number) => void] {
  const [width, setWidth] = useState(() => clamp(Number(readStored("runs-width")) || FIRST_PX));
  const set = (next: number) => {
    setWidth(clamp(next));
    writeStored("runs-width", String(clamp(next)));
  };
  return [width, set];
}

export function RunsEdge({ width, onWidth }: { width: number; onWidth(width: number): void }) {
  const [isDragged, setDragged] = useState(false);
  return (
    <div
      className={`split ${isDragged ? "on" : ""}`}
      style={{ left: width - 3 }}
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the runs list"
      aria-valuenow={width}
      aria-valuemin={MIN_PX}
      aria-valuemax={MAX_PX}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDragged(true);
      }}
      onPointerMove={(event) => {
        if (!isDragged) return;
        const left = event.currentTarget.parentElement?.getBoundingClientRect().left ?? 0;
        onWidth(event.clientX - left);
      }}
      onPointerUp={() => setDragged(false)}
      onPointerCancel={() => setDragged(false)}
      onDoubleClick={() => onWidth(FIRST_PX)}
      onKeyDown={(event) => {
        const by = event.key === "ArrowLeft" ? -KEY_PX : event.key === "ArrowRight" ? KEY_PX : 0;
        if (by) onWidth(width + by);
      }}
    />
  );
}
