/** The part of a graph that is shown: how large it is drawn, and where its corner is. Pure. */

export interface Frame {
  readonly scale: number;
  /** Place of the graph's corner in the element, px. */
  readonly x: number;
  readonly y: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const SCALES = [0.05, 3] as const;
const PAD_PX = 12;

/** The whole graph, or its top if its names would be too small to read. */
export function startFrame(graph: Size, room: Size, least: number): Frame {
  const fit = Math.min((room.width - 2 * PAD_PX) / graph.width, (room.height - 2 * PAD_PX) / graph.height, 1);
  const scale = Math.max(fit, least);
  const y = graph.height * scale <= room.height ? (room.height - graph.height * scale) / 2 : PAD_PX;
  return { scale, x: (room.width - graph.width * scale) / 2, y };
}

/**
 * A part of a graph around a point, px of the graph. Where the graph ends it stays at the edge of the element: room
 * next to it would hide nodes on the other side.
 */
export function frameAround(
  graph: Size,
  room: Size,
  scale: number,
  point: { readonly x: number; readonly y: number },
): Frame {
  const cornerOf = (length: number, roomLength: number, at: number) => {
    const least = roomLength - length * scale;
    return least >= 0 ? least / 2 : Math.max(least, Math.min(0, roomLength / 2 - at * scale));
  };
  return {
    scale,
    x: cornerOf(graph.width, room.width, point.x),
    y: cornerOf(graph.height, room.height, point.y),
  };
}

/** Larger or smaller, with a point of the element that stays where it is. */
export function zoomed({ scale, x, y }: Frame, factor: number, at: { x: number; y: number }): Frame {
  const next = Math.max(SCALES[0], Math.min(SCALES[1], scale * factor));
  const by = next / scale;
  return { scale: next, x: at.x - (at.x - x) * by, y: at.y - (at.y - y) * by };
}
