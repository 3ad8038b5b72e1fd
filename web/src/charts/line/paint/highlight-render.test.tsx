import { expect, test } from "vitest";
import { exampleFrame, exampleLine } from "@/testing/curves";
import type { Pen } from "../../pen";
import { paintHighlighted } from "./highlight-render";

test("a highlighted group has its band alone, and not the range of all its points behind it", () => {
  const filled: number[][] = [];
  let path: number[] = [];
  const pen = new Proxy({} as Record<string, unknown>, {
    get: (_, name) => {
      if (name === "beginPath") return () => (path = []);
      if (name === "lineTo") return (_x: number, y: number) => path.push(Math.round(y));
      if (name === "fill") return () => filled.push(path);
      return () => {};
    },
    set: () => true,
  }) as unknown as Pen;
  const level = (value: number) => Float64Array.of(value, value);
  const frame = exampleFrame(164, 130, [0, 99], [0, 100]);
  const group = exampleLine("group", [0, 99], [50, 50], {
    run: "",
    lo: level(45),
    hi: level(55),
    hasBand: true,
    least: level(10),
    greatest: level(90),
    hasExtremes: true,
  });
  paintHighlighted(pen, frame, group, {
    bandAlpha: 0.2,
    fullAlpha: 0.2,
    hasRaw: false,
    areaAlpha: 0,
    width: 2,
  });
  expect(filled).toHaveLength(1);
  expect(Math.min(...filled[0]!)).toBe(Math.round(frame.yPx(55)));
});
