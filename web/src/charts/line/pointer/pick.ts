import { findNearest } from "@/data/curves/columns";
import type { Frame } from "../../axis/scale";
import type { BuiltLine } from "../built-line";
import { isInStack } from "../fill";

/** A click this near a curve is on it, px. */
const PICK_PX = 8;

/** The curve nearest to a point of the plot; null if none is near enough. */
export function curveAt(lines: readonly BuiltLine[], frame: Frame, px: number, py: number): BuiltLine | null {
  const isInPlot = px >= frame.left && px <= frame.right && py >= frame.top && py <= frame.floor;
  if (!isInPlot) return null;
  let best: BuiltLine | null = null;
  let least = PICK_PX;
  for (const line of lines) {
    const far = distanceTo(line, frame, px, py);
    // of curves over each other the last one is painted on top
    if (far > least) continue;
    best = line;
    least = far;
  }
  return best;
}

/** Px from a place to the parts of a curve around it; infinite where it has none there. */
function distanceTo(line: BuiltLine, frame: Frame, px: number, py: number): number {
  const { x, y, lo, hi, spikes } = line;
  const end = px + PICK_PX;
  let least = Number.POSITIVE_INFINITY;
  if (x.length === 0) return least;
  const at = frame.xAt(px);
  if (at >= x[0]! && at <= x[x.length - 1]! && isInStack(line, findNearest(x, at), frame, py)) return 0;
  const first = Math.max(0, findNearest(x, frame.xAt(px - PICK_PX)) - 1);
  const take = (ax: number, ay: number, bx: number, by: number) => {
    const far = distanceToSegment(px, py, ax, ay, bx, by);
    if (far < least) least = far;
  };
  let beforeX = frame.xPx(x[first]!);
  let beforeY = frame.yPx(y[first]!);
  for (let i = first; i < x.length && (i === first || beforeX <= end); i++) {
    const atX = frame.xPx(x[i]!);
    const atY = frame.yPx(y[i]!);
    take(beforeX, beforeY, atX, atY);
    if (spikes.includes(i)) take(atX, frame.yPx(lo[i]!), atX, frame.yPx(hi[i]!));
    beforeX = atX;
    beforeY = atY;
  }
  return least;
}

function distanceToSegment(px: number, py: number, ax: number, ay: number, bx: number, by: number): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const part = length > 0 ? Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / length)) : 0;
  return Math.hypot(px - ax - part * dx, py - ay - part * dy);
}
