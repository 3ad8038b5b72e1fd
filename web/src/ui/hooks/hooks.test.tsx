import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { useAwaited } from "./use-awaited";
import { useSettled } from "./use-settled";
import { useStable } from "./use-stable";

describe("what is typed", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const pass = (millis: number) => act(() => vi.advanceTimersByTime(millis));

  test("settles a moment after the last key", () => {
    const { result, rerender } = renderHook(({ text }) => useSettled(text), { initialProps: { text: "" } });
    rerender({ text: "a" });
    pass(149);
    rerender({ text: "ad" });
    pass(149);
    expect(result.current).toBe("");
    pass(1);
    expect(result.current).toBe("ad");
  });

  test("settles at once where it is emptied", () => {
    const { result, rerender } = renderHook(({ text }) => useSettled(text), { initialProps: { text: "ad" } });
    rerender({ text: "" });
    pass(0);
    expect(result.current).toBe("");
  });

  test("settles after another rest where one is given", () => {
    const { result, rerender } = renderHook(({ text }) => useSettled(text, 350), {
      initialProps: { text: "a" },
    });
    rerender({ text: "ad" });
    pass(349);
    expect(result.current).toBe("a");
    pass(1);
    expect(result.current).toBe("ad");
  });
});

test("an act that is asked for early is done once, with the first render that has what it needs", () => {
  const done: string[] = [];
  const { result, rerender } = renderHook(({ isReady, name }) => useAwaited(isReady, () => done.push(name)), {
    initialProps: { isReady: false, name: "early" },
  });
  act(() => {
    result.current();
    result.current();
  });
  expect(done).toEqual([]);
  rerender({ isReady: true, name: "ready" });
  expect(done).toEqual(["ready"]);
  rerender({ isReady: true, name: "later" });
  expect(done).toEqual(["ready"]);
  act(() => result.current());
  expect(done).toEqual(["ready", "later"]);
});

test("a stable handler is always the same, and does what the latest render says", () => {
  const { result, rerender } = renderHook(({ n }) => useStable((by: number) => n * by), {
    initialProps: { n: 2 },
  });
  const first = result.current;
  rerender({ n: 3 });
  expect(result.current).toBe(first);
  expect(first(5)).toBe(15);
});
