import { expect, test } from "vitest";
import { frameAround } from "./frame";

const ROOM = { width: 1000, height: 400 };

test("a wide graph is shown around a point, and never with room behind its ends", () => {
  const graph = { width: 2000, height: 300 };
  expect(frameAround(graph, ROOM, 1, { x: 1000, y: 0 })).toEqual({ scale: 1, x: -500, y: 50 });
  expect(frameAround(graph, ROOM, 1, { x: 1990, y: 0 }).x).toBe(-1000);
  expect(frameAround(graph, ROOM, 1, { x: 10, y: 0 }).x).toBe(0);
});

test("a graph that fits one way is in the middle of it", () => {
  expect(frameAround({ width: 400, height: 2000 }, ROOM, 0.5, { x: 0, y: 1000 })).toEqual({
    scale: 0.5,
    x: 400,
    y: -300,
  });
});
