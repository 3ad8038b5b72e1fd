/**
 * The edge between runs list and panels: dragged, or moved by arrow keys; the width stays in this browser.
 */

import { useState } from "react";
import { readStored, writeStored } from "@/ui/browser/stored";
import { useRoomyWidth } from "./pinned/pinned-columns";

const MIN_PX = 220;
const MAX_PX = 640;
const FIRST_PX = 368;
/** Of a wide page. */
const FIRST_PART = 0.24;
/** Of the page, for a list that grows by itself. */
const MOST_PART = 0.34;
const KEY_PX = 16;

function clamp(width: number): number {
  return Math.round(Math.max(MIN_PX, Math.min(MAX_PX, width)));
}

/**
 * The list's width in px, and a function that sets it; null: as it is without a choice, with room for the pinned
 * columns.
 */
export function useRunsWidth(pagePx: number): [number, (width: number | null) => void] {
  const roomy = useRoomyWidth();
  const [chosen, setChosen] = useState(() => Number(readStored("runs-width")) || null);
  const set = (next: number | null) => {
    setChosen(next);
    writeStored("runs-width", next === null ? null : String(clamp(next)));
  };
  const first = Math.max(FIRST_PX, pagePx * FIRST_PART, Math.min(roomy, pagePx * MOST_PART));
  return [clamp(chosen ?? first), set];
}

export function RunsEdge({ width, onWidth }: { width: number; onWidth(width: number | null): void }) {
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
      onDoubleClick={() => onWidth(null)}
      onKeyDown={(event) => {
        const by = event.key === "ArrowLeft" ? -KEY_PX : event.key === "ArrowRight" ? KEY_PX : 0;
        if (by) onWidth(width + by);
      }}
    />
  );
}
