export interface Zoom {
  readonly scale: number;
  /** Position of the upper left corner, in parts of the stage's width and height. */
  readonly x: number;
  readonly y: number;
}

export const NO_ZOOM: Zoom = { scale: 1, x: 0, y: 0 };

const MOST_SCALE = 64;

/** Enlarged by a factor around a point of the stage, given in parts of its width and height. */
export function zoomedAt({ scale, x, y }: Zoom, at: { x: number; y: number }, factor: number): Zoom {
  const next = Math.max(1, Math.min(MOST_SCALE, scale * factor));
  const by = next / scale;
  return clamped({ scale: next, x: at.x - (at.x - x) * by, y: at.y - (at.y - y) * by });
}

/** Moved by parts of the stage's width and height. */
export function moved({ scale, x, y }: Zoom, dx: number, dy: number): Zoom {
  return clamped({ scale, x: x + dx, y: y + dy });
}

/** Limit the position, so that no edge of the media comes into the stage. */
function clamped({ scale, x, y }: Zoom): Zoom {
  const least = 1 - scale;
  // never a negative zero
  return { scale, x: Math.max(least, Math.min(0, x)) + 0, y: Math.max(least, Math.min(0, y)) + 0 };
}
