import { expect, test } from "vitest";
import type { PanelRequest } from "@/api/metrics/series";
import { addsRuns } from "./added-runs";

const REQUEST: PanelRequest = {
  runs: ["a", "b"],
  keys: ["loss"],
  axis: "step",
  lo: null,
  hi: null,
  nBuckets: 64,
};
const adds = (part: Partial<PanelRequest>) => addsRuns(REQUEST, { ...REQUEST, ...part });

test("a request that differs in its runs alone adds those that the one before lacks", () => {
  expect(adds({ runs: ["c", "a", "b"] })).toBe(true);
  // the newest ten: one has come, and the oldest has gone
  expect(adds({ runs: ["c", "a"] })).toBe(true);
  // hidden runs are left out at once
  expect(adds({ runs: ["a"] })).toBe(false);
  expect(adds({ runs: ["b", "a"] })).toBe(false);
});

test("a request for something else, or of runs that a filter chooses, adds none", () => {
  expect(adds({ runs: ["a", "b", "c"], keys: ["acc"] })).toBe(false);
  expect(adds({ runs: ["a", "b", "c"], lo: 10, hi: 20 })).toBe(false);
  expect(adds({ runs: { filter: 'state = "running"', order: [], limit: 10 } as never })).toBe(false);
});
