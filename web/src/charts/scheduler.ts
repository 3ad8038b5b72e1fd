/**
 * One drawing moment per frame for all charts, within a time budget.
 *
 * Charts say that they are out of date. What is small and follows the pointer is drawn in every frame; pictures
 * of many curves are made one after the other, over as many frames as they need.
 */

/** Something small that paints itself when asked. */
export interface Drawable {
  draw(): void;
}

/** Something large: it paints until `deadline` (of `performance.now`), and says whether it is finished. */
export interface SlowDrawable {
  drawUntil(deadline: number): boolean;
}

/** Leaves about half of a 60 Hz frame to the rest of the page. */
const BUDGET_MILLIS = 9;
/** A picture gets on in each frame, whatever else there is to draw. */
const LEAST_MILLIS = 3;

const planned = new Set<Drawable>();
const following = new Set<Drawable>();
let hasFollowed = false;
const writes = new Map<HTMLElement, Partial<CSSStyleDeclaration>>();
const slow = new Set<SlowDrawable>();
let frame = 0;

/** Draw `item` in the next frame; asking twice draws once. */
export function planDraw(item: Drawable): void {
  planned.add(item);
  wake();
}

/**
 * Draw `item`, which follows the pointer or a gesture in another chart, in every second frame and once more when the pointer rests:
 * what moves all over the page makes the browser compose all of it, which takes longer than a frame.
 */
export function planFollowing(item: Drawable): void {
  following.add(item);
  wake();
}

/** Make the picture of `item`, after those that were asked for before it. */
export function planSlowDraw(item: SlowDrawable): void {
  slow.add(item);
  wake();
}

/**
 * Set styles of an element after all that is drawn in this frame: setting the font of a canvas after a change of style
 * costs a style recalculation of the page, and each chart does both.
 */
export function planStyle(element: HTMLElement, style: Partial<CSSStyleDeclaration>): void {
  writes.set(element, { ...writes.get(element), ...style });
  wake();
}

/** Forget a planned drawing, as its chart is gone. */
export function dropDraw(item: Drawable | SlowDrawable): void {
  planned.delete(item as Drawable);
  following.delete(item as Drawable);
  slow.delete(item as SlowDrawable);
}

function wake(): void {
  if (frame === 0) frame = requestAnimationFrame(drawPlanned);
}

function drawPlanned(): void {
  frame = 0;
  const start = performance.now();
  for (const item of planned) {
    planned.delete(item);
    item.draw();
  }
  drawFollowing();
  const deadline = Math.max(start + BUDGET_MILLIS, performance.now() + LEAST_MILLIS);
  for (const item of slow) {
    // the one that is not finished stays the first: all share one surface
    if (!item.drawUntil(deadline)) break;
    slow.delete(item);
    if (performance.now() > deadline) break;
  }
  for (const [element, style] of writes) Object.assign(element.style, style);
  writes.clear();
  if (planned.size + following.size + slow.size > 0) wake();
}

function drawFollowing(): void {
  hasFollowed = following.size > 0 && !hasFollowed;
  if (!hasFollowed) return;
  for (const item of following) item.draw();
  following.clear();
}
