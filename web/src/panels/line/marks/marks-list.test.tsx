import { cleanup, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { FIRST_LINE_VIEW } from "@/charts/line/curve";
import { buildChart } from "@/charts/line/line-build";
import type { Panel } from "@/data/view/panel";
import { exampleCurve } from "@/testing/curves";
import { renderControl } from "@/testing/render";
import { MarksList } from "./marks-list";

/** A curve in buckets of 64 steps; the third has only NaN. */
const broken = exampleCurve(
  {
    axis: "step",
    level: 6,
    bucket: Uint16Array.of(0, 1, 2, 3),
    mean: Float32Array.of(1, 1, Number.NaN, 1),
    nonfinite: Uint16Array.of(2),
    nan: Uint32Array.of(30),
  },
  "broken",
);

function rows(firstNonfinite: ReadonlyMap<string, number>, ...curves: readonly (typeof broken)[]) {
  const { axis, axisMetric } = (curves[0] ?? broken).columns;
  const drawn = curves.length > 0 ? curves : [broken];
  const built = buildChart(drawn, { ...FIRST_LINE_VIEW, axis, axisBy: axisMetric });
  const panel = { id: "p", marks: [] } as unknown as Panel;
  const onMark = vi.fn();
  const props = {
    panel,
    built,
    firstNonfinite,
    runs: [],
    onMarks: onMark,
    onPlaceMark: onMark,
    onGo: onMark,
  };
  renderControl(<MarksList {...props} />);
  const texts = screen.getAllByRole("button").map(({ textContent }) => textContent);
  cleanup();
  return texts.slice(1);
}

test("the first NaN is at the step at which it was logged, where that is known", () => {
  expect(rows(new Map([["broken", 150]]))).toEqual(["NaN ×30broken150"]);
});

test("the first NaN is in the steps of its bucket where its own is not known, or is another one", () => {
  expect(rows(new Map())).toEqual(["NaN ×30brokensteps 128 to 191"]);
  expect(rows(new Map([["broken", 40]]))).toEqual(["NaN ×30brokensteps 128 to 191"]);
});

test("what happened stands in the order of the chart, not of its curves", () => {
  const earlier = exampleCurve(
    { ...broken.columns, mean: Float32Array.of(1, Number.NaN, 1, 1), nonfinite: Uint16Array.of(1) },
    "earlier",
  );
  expect(rows(new Map(), broken, earlier)).toEqual([
    "NaN ×30earliersteps 64 to 127",
    "NaN ×30brokensteps 128 to 191",
  ]);
});

test("the first NaN over a metric is about where its bucket is, or there where that is narrow", () => {
  // in the third of four buckets; the last one is at the end of the axis
  const tokens = (level: number, end: number) => {
    const part = {
      axis: "metric",
      axisMetric: "tokens",
      level,
      bucket: Uint16Array.of(0, 1, 2, end),
    } as const;
    const firstBucket = Math.floor(105.7123e9 / 2 ** level) - 2;
    return exampleCurve({ ...broken.columns, ...part, firstBucket }, "broken");
  };
  expect(rows(new Map(), tokens(29, 3))).toEqual(["NaN ×30brokentokens ~105.5B"]);
  expect(rows(new Map(), tokens(10, 60_000))).toEqual(["NaN ×30brokentokens 105.7123B"]);
});

test("the first NaN over an expression has no room for its text, nor for all digits of a product", () => {
  const part = { axis: "expression", axisMetric: "tokens * config.model.n_params", level: 57 } as const;
  const product = exampleCurve({ ...broken.columns, ...part, firstBucket: 800 }, "broken");
  expect(rows(new Map(), product)).toEqual(["NaN ×30broken~1.157e20"]);
});
