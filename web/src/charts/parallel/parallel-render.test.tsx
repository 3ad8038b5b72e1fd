import { expect, it } from "vitest";
import type { Ctx } from "../surface";
import type { ParallelAxis } from "./parallel-layout";
import { ParallelFrame } from "./parallel-render";

/** Six px a letter. */
const CTX = { font: "", measureText: (text: string) => ({ width: text.length * 6 }) } as unknown as Ctx;

const LOOK = { isParameter: true, scale: "auto", brush: null } as const;
const numbers: ParallelAxis = { ...LOOK, column: "y", label: "y", axis: { kind: "linear", lo: 0, hi: 1 } };
const texts = (levels: readonly string[]): ParallelAxis => ({
  ...LOOK,
  column: "x",
  label: "x",
  axis: { kind: "category", levels },
});

it("a first axis of texts has room for them at its left, at most a part of the chart", () => {
  const leftOf = (first: ParallelAxis, width: number) =>
    new ParallelFrame(CTX, width, 300, [first, numbers, numbers]).left;
  const narrow = leftOf(numbers, 1000);
  expect(leftOf(texts(["a", "b"]), 1000)).toBe(narrow);
  expect(leftOf(texts(["amazon-books", "yelp"]), 1000)).toBeGreaterThan(12 * 6);
  expect(leftOf(texts(["x".repeat(200)]), 1000)).toBe(180);
  expect(leftOf(texts(["x".repeat(200)]), 300)).toBe(75);
  // the axes share the rest
  const frame = new ParallelFrame(CTX, 1000, 300, [texts(["amazon-books"]), numbers, numbers]);
  expect(frame.xPx(0)).toBe(frame.left);
  expect(frame.xPx(2)).toBe(1000 - narrow);
  expect(frame.xPx(1)).toBe((frame.xPx(0) + frame.xPx(2)) / 2);
});
