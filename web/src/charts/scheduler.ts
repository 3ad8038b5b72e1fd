/**
 * One drawing moment per frame for all charts, within a time budget.
 *
 * Charts say that they are out of date. What is small and follows the pointer is drawn in every frame; pictures
 * of many curves are made one after the other, over as many frames as they need.
 */

import { moveElement } from "./moved";

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
/** The same of a longer frame: on a slow page ten pictures would otherwise take a hundred frames of 100 ms. */
const BUDGET_SHARE = 0.5;
/** A frame is not made longer than what a click may wait for. */
const MOST_BUDGET_MILLIS = 40;
/** A picture gets on in each frame, whatever else there is to draw. */
const LEAST_MILLIS = 3;
/** A longer frame means that the browser can't keep up. */
const LONG_FRAME_MILLIS = 25;
/** Frames after a move of charts that follow which show how long it took: composing is behind by one. */
const WATCHED_FRAMES = 2;
/** The browser counts as slow for so long after a long frame. */
const SLOW_MILLIS = 1000;
/** Frames from one drawing of the following charts to the next; more of them while the browser can't keep up. */
const FOLLOW_FRAMES = 2;
const SLOW_FOLLOW_FRAMES = 5;
/** The same of texts: in frames without a drawing of the following charts. */
const TEXT_FRAMES = 2;
const SLOW_TEXT_FRAMES = 3;
/** A pointer rests when it stands still for so long, and for so many frames: on a slow page each frame would be a pause. */
const REST_MILLIS = 80;
const REST_FRAMES = 5;

const planned = new Set<Drawable>();
const following = new Set<Drawable>();
const texts = new Set<Drawable>();
let nSinceFollowed = SLOW_FOLLOW_FRAMES;
let nSinceTexts = SLOW_TEXT_FRAMES;
/** Frames that are still asked for, to see how long they take. */
let nWatched = 0;
/** The frame before has asked for this one: the time between them is the browser's. */
let isContinued = false;
let lastFrame = Number.NEGATIVE_INFINITY;
let lastLongFrame = Number.NEGATIVE_INFINITY;
const writes = new Map<HTMLElement, Partial<CSSStyleDeclaration>>();
const moves = new Map<HTMLElement, readonly [x: number, y: number]>();
const slow = new Set<SlowDrawable>();
let frame = 0;

/** Draw `item` in the next frame; asking twice draws once. */
export function planDraw(item: Drawable): void {
  planned.add(item);
  wake();
}

/**
 * Draw `item`, which follows the pointer or a gesture in another chart, in every second frame and once more when the pointer rests:
 * what moves all over the page makes the browser compose all of it, which takes longer than a frame without a GPU. Where
 * frames are long, the items follow in every fifth, and the frames between are those of the chart under the pointer alone.
 */
export function planFollowing(item: Drawable): void {
  following.add(item);
  wake();
}

/**
 * Draw `item`, a text that follows the pointer, in every second frame: no one reads more, and each change of a text makes the
 * browser lay out, paint and layer the page.
 */
export function planText(item: Drawable): void {
  texts.add(item);
  wake();
}

/** Whether the browser could not keep up lately with what moves all over the page. */
function hasLongFrames(): boolean {
  return lastFrame - lastLongFrame < SLOW_MILLIS;
}

/** An act that waits for a rest of the pointer. */
interface RestAct {
  readonly act: () => void;
  readonly begin: number;
  nFrames: number;
}

const restActs = new Set<RestAct>();
let restFrame = 0;

/** Act once the pointer rests, unless the returned function is called before. */
export function afterRest(act: () => void): () => void {
  const entry = { act, begin: performance.now(), nFrames: 0 };
  restActs.add(entry);
  // one frame for all: each chart that follows waits again at each move
  if (restFrame === 0) restFrame = requestAnimationFrame(countRest);
  return () => restActs.delete(entry);
}

function countRest(): void {
  restFrame = 0;
  for (const entry of restActs) {
    entry.nFrames++;
    if (entry.nFrames < REST_FRAMES || performance.now() - entry.begin < REST_MILLIS) continue;
    restActs.delete(entry);
    entry.act();
  }
  if (restActs.size > 0 && restFrame === 0) restFrame = requestAnimationFrame(countRest);
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

/** Move an element (`moveElement`) after all that is drawn in this frame, as its styles are set. */
export function planMove(element: HTMLElement, x: number, y: number): void {
  moves.set(element, [x, y]);
  wake();
}

/** Forget a planned drawing, as its chart is gone. */
export function dropDraw(item: Drawable | SlowDrawable): void {
  planned.delete(item as Drawable);
  following.delete(item as Drawable);
  texts.delete(item as Drawable);
  slow.delete(item as SlowDrawable);
}

function wake(): void {
  if (frame === 0) frame = requestAnimationFrame(drawPlanned);
}

function isPointerIdle(): boolean {
  return planned.size + following.size + texts.size === 0;
}

function drawPlanned(now: number): void {
  frame = 0;
  const frameMillis = isContinued ? now - lastFrame : 0;
  if (frameMillis > LONG_FRAME_MILLIS) lastLongFrame = now;
  lastFrame = now;
  const start = performance.now();
  const budget = isPointerIdle() ? Math.min(frameMillis * BUDGET_SHARE, MOST_BUDGET_MILLIS) : 0;
  for (const item of planned) {
    planned.delete(item);
    item.draw();
  }
  nSinceTexts++;
  if (!drawFollowing()) drawTexts();
  const deadline = Math.max(start + Math.max(budget, BUDGET_MILLIS), performance.now() + LEAST_MILLIS);
  for (const item of slow) {
    // the one that is not finished stays the first: all share one surface
    if (!item.drawUntil(deadline)) break;
    slow.delete(item);
    if (performance.now() > deadline) break;
  }
  for (const [element, style] of writes) Object.assign(element.style, style);
  writes.clear();
  for (const [element, [x, y]] of moves) moveElement(element, x, y);
  moves.clear();
  isContinued = planned.size + following.size + texts.size + slow.size + nWatched > 0;
  if (nWatched > 0) nWatched--;
  if (isContinued) wake();
}

/** @returns whether any was drawn */
function drawFollowing(): boolean {
  nSinceFollowed++;
  if (following.size === 0 || nSinceFollowed < (hasLongFrames() ? SLOW_FOLLOW_FRAMES : FOLLOW_FRAMES))
    return false;
  nSinceFollowed = 0;
  nWatched = WATCHED_FRAMES;
  for (const item of following) item.draw();
  following.clear();
  return true;
}

function drawTexts(): void {
  if (texts.size === 0 || nSinceTexts < (hasLongFrames() ? SLOW_TEXT_FRAMES : TEXT_FRAMES)) return;
  nSinceTexts = 0;
  for (const item of texts) item.draw();
  texts.clear();
}
