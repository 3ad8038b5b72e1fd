/**
 * Points, boxes and arrows in space, as the files of 3D objects have them. Pure.
 *
 * The format is W&B's: a list of points (x, y, z; with a category; or with red, green and blue), or a scene
 * `{"type": "lidar/beta", "points", "boxes", "vectors"}`.
 */

import { formatFixed } from "../../text/format";

export type Point = readonly [number, number, number];

interface Box3d {
  /** Pairs of points: its edges. */
  readonly edges: readonly (readonly [Point, Point])[];
  /** Where its text stands. */
  readonly top: Point;
  readonly text: string;
  /** From 0 to 1. */
  readonly color: Point;
}

export interface PointScene {
  /** x, y, z of each point. */
  readonly positions: Float32Array;
  /** Red, green, blue of each, from 0 to 1; null: they have none. */
  readonly colors: Float32Array | null;
  readonly boxes: readonly Box3d[];
  readonly vectors: readonly (readonly [Point, Point])[];
}

/** Hues of categories, one after the other around the circle, so that neighbours differ. */
const HUE_STEP = 137.5;
const N_CORNERS = 8;

/** Reads a file's JSON; null: it is of another format. */
export function readScene(document: unknown): PointScene | null {
  if (Array.isArray(document)) return { ...pointsOf(document), boxes: [], vectors: [] };
  const { points, boxes, vectors } = fieldsOf(document);
  if (points === undefined && boxes === undefined && vectors === undefined) return null;
  return {
    ...pointsOf(listOf(points)),
    boxes: listOf(boxes).flatMap((box) => boxOf(fieldsOf(box)) ?? []),
    vectors: listOf(vectors).flatMap((vector) => {
      const { start, end } = fieldsOf(vector);
      const [from, to] = [pointOf(start), pointOf(end)];
      return from && to ? [[from, to] as const] : [];
    }),
  };
}

function pointsOf(rows: readonly unknown[]): Pick<PointScene, "positions" | "colors"> {
  const good = rows.filter((row): row is number[] => isNumbers(row) && row.length >= 3);
  const positions = new Float32Array(good.length * 3);
  const hasColors = good.some((row) => row.length === 4 || row.length >= 6);
  const colors = hasColors ? new Float32Array(good.length * 3) : null;
  good.forEach((row, i) => {
    positions.set(row.slice(0, 3), i * 3);
    if (colors) colors.set(colorOf(row), i * 3);
  });
  return { positions, colors };
}

function colorOf(row: readonly number[]): Point {
  if (row.length >= 6) return rgb(row.slice(3, 6));
  return row.length === 4 ? categoryColor(row[3]!) : [1, 1, 1];
}

function rgb(parts: readonly number[]): Point {
  const [red, green, blue] = parts.map((part) => Math.max(0, Math.min(1, part / 255)));
  return [red!, green!, blue!];
}

/** The same for the same number, in all panels. */
export function categoryColor(category: number): Point {
  const hue = (((category * HUE_STEP) % 360) + 360) % 360;
  const part = (n: number) => {
    const k = (n + hue / 30) % 12;
    return 0.58 - 0.32 * Math.max(-1, Math.min(k - 3, 9 - k, 1));
  };
  return [part(0), part(8), part(4)];
}

function boxOf({ corners, label, score, color }: Fields): Box3d | null {
  const points = listOf(corners).map(pointOf);
  if (points.length !== N_CORNERS || points.some((point) => point === null)) return null;
  const vertices = points as Point[];
  const text = [
    typeof label === "string" ? label : "",
    typeof score === "number" && Number.isFinite(score) ? formatFixed(score, 2) : "",
  ];
  const top = vertices.reduce((a, b) => (b[2] > a[2] ? b : a));
  return {
    edges: edgesOf(vertices),
    top,
    text: text.filter((part) => part !== "").join(" "),
    color: isNumbers(color) && color.length >= 3 ? rgb(color.slice(0, 3)) : [0.9, 0.5, 0.1],
  };
}

/**
 * The twelve edges of a box by its corners, in whatever order these are given.
 *
 * Of the differences of all pairs only those along edges occur four times.
 */
export function edgesOf(corners: readonly Point[]): [Point, Point][] {
  const pairs = corners.flatMap((a, i) => corners.slice(i + 1).map((b): [Point, Point] => [a, b]));
  const size = Math.max(...pairs.map(([a, b]) => Math.hypot(...difference(a, b))));
  const isSame = (p: Point, q: Point) => Math.hypot(...difference(p, q)) < size * 1e-4;
  const isAlong = (p: Point, q: Point) => isSame(p, q) || isSame(p, [-q[0], -q[1], -q[2]]);
  return pairs.filter(([a, b]) => {
    const own = difference(a, b);
    return pairs.filter(([c, d]) => isAlong(difference(c, d), own)).length === 4;
  });
}

function difference(a: Point, b: Point): Point {
  return [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((part) => typeof part === "number" && Number.isFinite(part));
}

function pointOf(value: unknown): Point | null {
  return isNumbers(value) && value.length >= 3 ? [value[0]!, value[1]!, value[2]!] : null;
}
