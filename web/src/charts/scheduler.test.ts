import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { dropDraw, planDraw, planFollowing } from "./scheduler";

let frames: FrameRequestCallback[] = [];

beforeEach(() => {
  frames = [];
  vi.stubGlobal("requestAnimationFrame", (frame: FrameRequestCallback) => frames.push(frame));
});

afterEach(() => vi.unstubAllGlobals());

function runFrame(): void {
  for (const frame of frames.splice(0)) frame(0);
}

it("draws what follows the pointer in every second frame, and once more when the pointer rests", () => {
  let x = 0;
  const [drawn, followed]: [number[], number[]] = [[], []];
  const pointed = { draw: () => drawn.push(x) };
  const following = { draw: () => followed.push(x) };
  for (const px of [1, 2, 3, 4]) {
    x = px;
    planDraw(pointed);
    planFollowing(following);
    runFrame();
  }
  expect(drawn).toEqual([1, 2, 3, 4]);
  expect(followed).toEqual([1, 3]);
  runFrame();
  expect(followed).toEqual([1, 3, 4]);
  expect(frames).toEqual([]);
  planFollowing(following);
  dropDraw(following);
  runFrame();
  expect(followed).toEqual([1, 3, 4]);
});
