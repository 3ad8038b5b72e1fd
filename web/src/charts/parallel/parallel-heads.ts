/**
 * The names above the axes: in one row, or by turns in two where one has too little room. A nested key that does not fit
 * keeps its end, `…adamw.learning_rate`. Pure.
 */

import { fittingName } from "@/data/text/name-cut";
import { partsOfNames } from "@/data/text/name-parts";

export interface ParallelHead {
  readonly text: string;
  /** The text is cut: the whole name is to be told elsewhere. */
  readonly isCut: boolean;
  /** Of the text, px. */
  readonly left: number;
  readonly right: number;
  readonly row: number;
}

export interface ParallelHeads {
  readonly heads: readonly ParallelHead[];
  readonly nRows: 1 | 2;
}

/** Free between the names of a row, and before the first and after the last one, px. */
const GAP_PX = 8;
const EDGE_PX = 12;

/**
 * @param axisPx where each axis is, of several from left to right, in a chart that is `width` px wide
 * @param widthOf the width of a text
 */
export function headsOf(
  labels: readonly string[],
  axisPx: readonly number[],
  width: number,
  widthOf: (text: string) => number,
): ParallelHeads {
  const last = labels.length - 1;
  const gap = last > 0 ? axisPx[1]! - axisPx[0]! : width;
  const roomOf = (i: number, nRows: number) => {
    const isOuter = i === 0 || i === last;
    const side = i === 0 ? axisPx[0]! : width - axisPx[i]!;
    // an outer one begins at the edge, and ends half way to the next of its row
    return isOuter ? Math.min(width, side + (gap * nRows) / 2) - EDGE_PX - GAP_PX / 2 : gap * nRows - GAP_PX;
  };
  const nRows = last > 1 && labels.some((label, i) => widthOf(label) > roomOf(i, 1)) ? 2 : 1;
  const heads = labels.map((label, i) => {
    const room = last === 0 ? width - 2 * EDGE_PX : roomOf(i, nRows);
    const isCut = widthOf(label) > room;
    const text = isCut ? cutKey(label, labels, room, widthOf) : label;
    const px = widthOf(text);
    const left =
      last === 0
        ? axisPx[i]! - px / 2
        : i === 0
          ? Math.max(EDGE_PX, Math.min(axisPx[0]! - px / 2, EDGE_PX + room - px))
          : i === last
            ? width - EDGE_PX - px
            : axisPx[i]! - px / 2;
    return { text, isCut, left, right: left + px, row: nRows === 2 ? i % 2 : 0 };
  });
  return { heads, nRows };
}

/** As many of the last parts of a nested key as fit, at least those that no other key ends with. */
function cutKey(
  key: string,
  keys: readonly string[],
  room: number,
  widthOf: (text: string) => number,
): string {
  const own = endsOf(key, keys);
  const fitting = own.map((end) => `…${end}`).find((text) => widthOf(text) <= room);
  const shortest = (other: string) => endsOf(other, keys).at(-1) ?? other;
  return fitting ?? fittingName(shortest(key), partsOfNames(keys.map(shortest)), room, widthOf);
}

/** The ends of a nested key that no other one has, the longest first; none: it has no parts. */
function endsOf(key: string, keys: readonly string[]): string[] {
  const parts = key.split(".");
  const others = keys.filter((other) => other !== key);
  return parts
    .slice(1)
    .map((_, i) => parts.slice(i + 1).join("."))
    .filter((end) => !others.some((other) => other === end || other.endsWith(`.${end}`)));
}
