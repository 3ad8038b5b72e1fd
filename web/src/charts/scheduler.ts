/**
 * One drawing moment per frame for all charts, within a time budget.
 *
 * Charts say that they are out of date; what does not fit into a frame is drawn in the next.
 */

/** Something that paints itself when asked. */
export interface Drawable {
  draw(): void;
}

/** Leaves about half of a 60 Hz frame to the rest of the page. */
const BUDGET_MILLIS = 9;

const planned = new Set<Drawable>();
let frame = 0;

/** Draw `item` in the next frame; asking twice draws once. */
export function planDraw(item: Drawable): void {
  planned.add(item);
  if (frame === 0) frame = requestAnimationFrame(drawPlanned);
}

/** Forget a planned drawing, as its chart is gone. */
export function dropDraw(item: Drawable): void {
  planned.delete(item);
}

function drawPlanned(): void {
  frame = 0;
  const start = performance.now();
  for (const item of planned) {
    planned.delete(item);
    item.draw();
    if (performance.now() - start > BUDGET_MILLIS) break;
  }
  if (planned.size > 0) frame = requestAnimationFrame(drawPlanned);
}
