/**
 * The speed at which the board scrolls. While it flies, panels that come into sight show their title alone; when it
 * slows down they are drawn, a row in a frame.
 */

import { useEffect, useState } from "react";

/** Px at once: more than a row of panels in eight frames, too fast to read. */
const FAST_PX = 30;
const REST_MILLIS = 90;
const PER_FRAME = 3;

const waiting = new Set<() => void>();
let isFast = false;
let lastTop = 0;
let frame = 0;
let rest: ReturnType<typeof setTimeout> | undefined;

/** Tell that the board was scrolled. */
export function notePace(top: number): void {
  isFast = Math.abs(top - lastTop) > FAST_PX;
  lastTop = top;
  clearTimeout(rest);
  if (isFast) rest = setTimeout(slowDown, REST_MILLIS);
  else planRelease();
}

function slowDown(): void {
  isFast = false;
  planRelease();
}

function planRelease(): void {
  if (frame === 0 && waiting.size > 0) frame = requestAnimationFrame(release);
}

function release(): void {
  frame = 0;
  if (isFast) return;
  let n = 0;
  for (const tell of waiting) {
    waiting.delete(tell);
    tell();
    n += 1;
    if (n === PER_FRAME) break;
  }
  planRelease();
}

/** True as soon as a panel may be drawn, and from then on. */
export function useTurn(): boolean {
  const [isDue, setDue] = useState(() => !isFast);
  useEffect(() => {
    if (isDue) return;
    const tell = () => setDue(true);
    waiting.add(tell);
    return () => {
      waiting.delete(tell);
    };
  }, [isDue]);
  return isDue;
}
