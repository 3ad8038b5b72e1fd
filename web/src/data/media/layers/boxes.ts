/**
 * Boxes over an image as their file has them, and which of them are drawn. Pure.
 *
 * The format is W&B's: positions as corners or as a middle with a size, in fractions of the image or in pixels.
 */

import { formatFixed } from "../../text/format";
import { type ClassChoice, classOf, isClassOn } from "./classes";

export interface Box {
  /** In fractions of the image; may lie partly outside. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Null: of no class. */
  readonly id: number | null;
  /** The name of its class; empty: of none. */
  readonly label: string;
  readonly caption: string;
  readonly scores: Readonly<Record<string, number>>;
}

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The boxes of a layer's file; a box without a position is left out.
 *
 * @param size of the image, for positions in pixels; null: not known
 */
export function readBoxes(document: unknown, size: ImageSize | null): Box[] {
  const { box_data: data, class_labels: labels } = fieldsOf(document);
  const names = fieldsOf(labels);
  return (Array.isArray(data) ? data : []).flatMap((item) => {
    const { position, domain, class_id: id, box_caption: caption, scores } = fieldsOf(item);
    const corners = placeOf(fieldsOf(position), domain === "pixel" ? size : UNIT);
    if (!corners) return [];
    const number = typeof id === "number" ? id : null;
    return [
      {
        ...corners,
        id: number,
        label: number === null ? "" : classOf(number, textOf(names[number])),
        caption: textOf(caption),
        scores: numbersOf(fieldsOf(scores)),
      },
    ];
  });
}

/** The boxes that are drawn: of classes that are on, and with scores at or above the least ones. */
export function drawnBoxes(
  boxes: readonly Box[],
  choice: ClassChoice & { readonly minScores: Readonly<Record<string, number>> },
): Box[] {
  return boxes.filter(
    (box) =>
      isClassOn(choice, box.label) &&
      Object.entries(choice.minScores).every(([name, least]) => !((box.scores[name] ?? least) < least)),
  );
}

/** By class: how many of its boxes have such scores; 0 where none has. Boxes of no class are left out. */
export function countByClass(
  boxes: readonly Box[],
  minScores: Readonly<Record<string, number>>,
): Map<string, { readonly id: number; readonly n: number }> {
  const drawn = new Set(drawnBoxes(boxes, { offClasses: [], minScores }));
  const counts = new Map<string, { readonly id: number; readonly n: number }>();
  for (const box of boxes) {
    if (box.id === null) continue;
    const { id, n } = counts.get(box.label) ?? { id: box.id, n: 0 };
    counts.set(box.label, { id, n: n + Number(drawn.has(box)) });
  }
  return counts;
}

/** The part of a box that lies on the image; null: none. */
export function onImage({ x, y, width, height }: Box): Pick<Box, "x" | "y" | "width" | "height"> | null {
  const [left, top] = [Math.max(0, x), Math.max(0, y)];
  const [right, bottom] = [Math.min(1, x + width), Math.min(1, y + height)];
  return right > left && bottom > top ? { x: left, y: top, width: right - left, height: bottom - top } : null;
}

/** What stands at a box: its caption, else its class and first score. */
export function boxText({ caption, label, scores }: Box): string {
  if (caption !== "") return caption;
  const [score] = Object.values(scores);
  return [label, score === undefined ? "" : formatFixed(score, 2)].filter((part) => part !== "").join(" ");
}

/** By name of a score: the least and the greatest of some boxes. */
export function scoreRanges(boxes: readonly Box[]): Map<string, readonly [number, number]> {
  const ranges = new Map<string, readonly [number, number]>();
  for (const { scores } of boxes) {
    for (const [name, score] of Object.entries(scores)) {
      const [lo, hi] = ranges.get(name) ?? [score, score];
      ranges.set(name, [Math.min(lo, score), Math.max(hi, score)]);
    }
  }
  return ranges;
}

/**
 * The scores that can be chosen as the least one: those of some boxes, and the chosen one, which may be another step's.
 * Null: all boxes have one score, and no other was chosen.
 */
export function scoreChoice(
  [lo, hi]: readonly [number, number],
  chosen: number | undefined,
): readonly [number, number] | null {
  const range = [Math.min(lo, chosen ?? lo), Math.max(hi, chosen ?? hi)] as const;
  return range[0] < range[1] ? range : null;
}

const UNIT: ImageSize = { width: 1, height: 1 };

function placeOf(position: Fields, unit: ImageSize | null): Pick<Box, "x" | "y" | "width" | "height"> | null {
  if (!unit) return null;
  const { minX, maxX, minY, maxY, middle, width, height } = position;
  const corners = [minX, maxX, minY, maxY];
  if (isNumbers(corners)) {
    const [left, right, top, bottom] = corners;
    return scaled(left!, top!, right! - left!, bottom! - top!, unit);
  }
  const [x, y] = Array.isArray(middle) ? middle : [];
  const sizes = [x, y, width, height];
  if (!isNumbers(sizes)) return null;
  return scaled(sizes[0]! - sizes[2]! / 2, sizes[1]! - sizes[3]! / 2, sizes[2]!, sizes[3]!, unit);
}

function scaled(x: number, y: number, width: number, height: number, unit: ImageSize) {
  return {
    x: x / unit.width,
    y: y / unit.height,
    width: width / unit.width,
    height: height / unit.height,
  };
}

function isNumbers(values: readonly unknown[]): values is number[] {
  return values.every((value) => typeof value === "number" && Number.isFinite(value));
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function numbersOf(fields: Fields): Record<string, number> {
  const entries = Object.entries(fields).filter(([, value]) => isNumbers([value]));
  return Object.fromEntries(entries) as Record<string, number>;
}
