import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { dropDraw, planDraw, planFollowing, planSlowDraw, planText } from "./scheduler";

let frames: FrameRequestCallback[] = [];
let now = 0;
let frameMillis = 16;

beforeEach(() => {
  frames = [];
  vi.stubGlobal("requestAnimationFrame", (frame: FrameRequestCallback) => frames.push(frame));
});

afterEach(() => {
  while (frames.length > 0) runFrame();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function runFrame(): void {
  now += frameMillis;
  for (const frame of frames.splice(0)) frame(now);
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
  while (frames.length > 0) runFrame();
  planFollowing(following);
  dropDraw(following);
  runFrame();
  expect(followed).toEqual([1, 3, 4]);
});

it("draws a text in every second frame, between what follows, and once more when the pointer rests", () => {
  while (frames.length > 0) runFrame();
  let x = 0;
  const [followed, texts]: [number[], number[]] = [[], []];
  const following = { draw: () => followed.push(x) };
  const text = { draw: () => texts.push(x) };
  for (const px of [1, 2, 3, 4, 5]) {
    x = px;
    planFollowing(following);
    planText(text);
    runFrame();
  }
  expect(followed).toEqual([1, 3, 5]);
  expect(texts).toEqual([2, 4]);
  runFrame();
  expect(texts).toEqual([2, 4, 5]);
  while (frames.length > 0) runFrame();
  planText(text);
  dropDraw(text);
  runFrame();
  expect(texts).toEqual([2, 4, 5]);
});

it("draws what follows in every fifth frame while frames are long", () => {
  const [drawn, followed]: [number[], number[]] = [[], []];
  const pointed = { draw: () => drawn.push(now) };
  const following = { draw: () => followed.push(now) };
  const move = (n: number) => {
    drawn.splice(0);
    followed.splice(0);
    for (let i = 0; i < n; i++) {
      planDraw(pointed);
      planFollowing(following);
      runFrame();
    }
    return [drawn.length, followed.length];
  };
  frameMillis = 33;
  move(4);
  expect(move(30)).toEqual([30, 6]);
  // a pointer that moves now and then in a quick browser is no long frame
  frameMillis = 16;
  move(70);
  expect(move(30)).toEqual([30, 15]);
  while (frames.length > 0) runFrame();
  now += 500;
  expect(move(4)).toEqual([4, 2]);
});

it("gives pictures half of a long frame, and no more than 9 ms while a pointer is followed", () => {
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const granted: number[] = [];
  planSlowDraw({ drawUntil: (deadline) => granted.push(deadline - now) === 5 });
  runFrame();
  frameMillis = 60;
  runFrame();
  frameMillis = 300;
  runFrame();
  planDraw({ draw: () => undefined });
  runFrame();
  frameMillis = 16;
  runFrame();
  expect(granted).toEqual([9, 30, 40, 9, 9]);
});
