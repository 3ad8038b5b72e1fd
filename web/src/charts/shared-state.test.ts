import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { endHighlight, highlightedRun, highlightIn, highlightInPassing } from "./shared-state";

let frameMillis = 16;

beforeAll(() => {
  vi.useFakeTimers();
  vi.stubGlobal("requestAnimationFrame", (frame: FrameRequestCallback) =>
    setTimeout(() => frame(performance.now()), frameMillis),
  );
  vi.stubGlobal("cancelAnimationFrame", clearTimeout);
});
afterAll(() => {
  endHighlight();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const [chart, other] = [{}, {}];

/** Runs that are highlighted in all charts, while the pointer is on each of these for so long. */
function highlights(runs: readonly string[], millis: number): (string | null)[] {
  const values: (string | null)[] = [];
  const end = highlightedRun.subscribe(() => values.push(highlightedRun.get()));
  vi.advanceTimersByTime(2000);
  for (const run of runs) {
    highlightInPassing(chart, run);
    expect(highlightIn(chart)).toBe(run);
    vi.advanceTimersByTime(millis);
  }
  vi.advanceTimersByTime(2000);
  end();
  return values;
}

it("highlights in all charts the first of many runs that the pointer passes, and the one that it rests on", () => {
  const runs = Array.from({ length: 100 }, (_, i) => `run ${i}`);
  expect(highlights(runs, 16)).toEqual(["run 0", "run 99"]);
  expect(highlights(["a", "b", "c"], 200)).toEqual(["a", "b", "c"]);
});

it("takes no long frame for a rest", () => {
  frameMillis = 150;
  expect(highlights(["a", "b", "c", "d"], 150)).toEqual(["a", "d"]);
  frameMillis = 16;
});

it("highlights nothing after the pointer has left", () => {
  expect(highlights(["a", "b"], 0)).toEqual(["a", "b"]);
  highlightInPassing(chart, "c");
  highlightInPassing(chart, "d");
  expect(highlightIn(other)).not.toBe("d");
  endHighlight();
  vi.advanceTimersByTime(1000);
  expect([highlightedRun.get(), highlightIn(chart)]).toEqual([null, null]);
});
