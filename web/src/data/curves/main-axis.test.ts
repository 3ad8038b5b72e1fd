import { expect, test } from "vitest";
import { seriesOf } from "@/testing/series";
import { mainAxisOf, NO_POINTS } from "./main-axis";

const by = (...metrics: string[]) =>
  metrics.map((axisMetric) => seriesOf([1], { axis: "defined", axisMetric }));
const without = (axisMetric: string, reason = NO_POINTS) => ({
  run: "a",
  key: "loss",
  part: "",
  group: "",
  axisMetric,
  reason,
});

test("a panel has the x axis of most of its curves, and of as many the defined one", () => {
  expect(mainAxisOf({ series: by("tokens", "", "tokens"), missing: [] }, false)).toBe("tokens");
  expect(mainAxisOf({ series: by("", "tokens", ""), missing: [] }, false)).toBe("");
  expect(mainAxisOf({ series: by("", "tokens"), missing: [] }, false)).toBe("tokens");
  expect(mainAxisOf({ series: by("", ""), missing: [] }, false)).toBe("");
  expect(mainAxisOf({ series: [], missing: [] }, false)).toBe("");
});

test("zoomed in, the axis stays that of the whole, and of runs that lack it none is", () => {
  const missing = [without("tokens"), without("tokens"), without("tokens", "the run has no metric 'tokens'")];
  expect(mainAxisOf({ series: by("", ""), missing: missing.slice(1) }, true)).toBe("");
  expect(mainAxisOf({ series: by("", ""), missing: [...missing, without("tokens")] }, true)).toBe("tokens");
  expect(mainAxisOf({ series: by(""), missing }, false)).toBe("");
});
