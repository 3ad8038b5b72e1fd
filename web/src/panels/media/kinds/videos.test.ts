import { describe, expect, it, vi } from "vitest";
import { nextFrame, playByKey, timeOfFrame } from "./videos";

function video(currentTime: number, duration: number, isPaused = true) {
  const fake = { currentTime, duration, paused: isPaused, play: vi.fn(), pause: vi.fn() };
  fake.play.mockImplementation(() => {
    fake.paused = false;
    return Promise.resolve();
  });
  fake.pause.mockImplementation(() => {
    fake.paused = true;
  });
  return fake;
}
const act = (videos: ReturnType<typeof video>[], key: string) =>
  playByKey(videos as unknown as HTMLVideoElement[], key);

describe("videos of a panel", () => {
  it("play from one time, and all pause if any plays", () => {
    const videos = [video(3, 10), video(0, 2), video(3.05, 10)];
    expect(act(videos, " ")).toBe(true);
    expect(videos.map(({ paused }) => paused)).toEqual([false, false, false]);
    expect(videos.map(({ currentTime }) => currentTime)).toEqual([3, 1, 3.05]);
    videos[0]!.paused = true;
    act(videos, " ");
    expect(videos.map(({ paused }) => paused)).toEqual([true, true, true]);
  });

  it("go to the frame after and before, within their length, and pause", () => {
    const videos = [video(1, 10, false), video(0, 10)];
    act(videos, ".");
    expect(videos.map(({ currentTime }) => currentTime)).toEqual([1 + 1 / 30, 1 + 1 / 30]);
    act(videos, ",");
    expect(videos[1]!.currentTime).toBe(1);
    videos[0]!.currentTime = 0;
    act(videos, ",");
    expect(videos[1]!.currentTime).toBe(0);
    expect(videos[0]!.paused).toBe(true);
  });

  it("learn the length of a frame from those that were shown", () => {
    let frame = nextFrame(undefined, 0);
    frame = nextFrame(frame, 0.5);
    frame = nextFrame(frame, 0.75);
    // a jump says nothing of the length
    frame = nextFrame(frame, 7);
    expect(frame.length).toBe(0.25);
    expect(timeOfFrame(frame, 7.1, 1)).toBe(7.375);
    expect(timeOfFrame(frame, 7.1, -1)).toBe(6.875);
  });

  it("leave other keys, and all keys where there is no video, to others", () => {
    expect(act([video(0, 1)], "x")).toBe(false);
    expect(act([], " ")).toBe(false);
  });
});
