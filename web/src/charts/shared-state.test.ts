import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { endHighlight, highlightedRun, highlightIn, highlightInPassing } from "./shared-state";

beforeAll(() => void vi.useFakeTimers());
afterAll(() => {
  endHighlight();
  vi.useRealTimers();
});

const [chart, other] = [{}, {}];

/** Runs that all charts were told of, while the pointer is on each of these for so long. */
function toldRuns(runs: readonly string[], millis: number): (string | null)[] {
  const told: (string | null)[] = [];
  const end = highlightedRun.subscribe(() => told.push(highlightedRun.get()));
  vi.advanceTimersByTime(1000);
  for (const run of runs) {
    highlightInPassing(chart, run);
    expect(highlightIn(chart)).toBe(run);
    vi.advanceTimersByTime(millis);
  }
  vi.advanceTimersByTime(1000);
  end();
  return told;
}

it("highlights in all charts the first of many runs that the pointer passes, and the one that it rests on", () => {
  const runs = Array.from({ length: 100 }, (_, i) => `run ${i}`);
  expect(toldRuns(runs, 16)).toEqual(["run 0", "run 99"]);
  expect(toldRuns(["a", "b", "c"], 200)).toEqual(["a", "b", "c"]);
});

it("highlights nothing after the pointer has left", () => {
  expect(toldRuns(["a", "b"], 0)).toEqual(["a", "b"]);
  highlightInPassing(chart, "c");
  highlightInPassing(chart, "d");
  expect(highlightIn(other)).not.toBe("d");
  endHighlight();
  vi.advanceTimersByTime(1000);
  expect([highlightedRun.get(), highlightIn(chart)]).toEqual([null, null]);
});
