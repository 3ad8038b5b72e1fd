import { expect, test } from "vitest";
import { objectAxis, objectAxisNote } from "./object-axis";

test("objects stay at steps where the x axis is an expression, and their panel says so", () => {
  const settings = { axis: "expression", axisBy: "_step * 2" } as const;
  expect(objectAxis(settings)).toEqual({ axis: "step" });
  expect(objectAxisNote(settings)).toBe("by step, not the expression");
  expect(objectAxisNote({ axis: "metric" })).toBe("");
});
