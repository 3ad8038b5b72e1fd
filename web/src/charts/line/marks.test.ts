import { describe, expect, it } from "vitest";
import type { SeriesColumns } from "@/data/curves/columns";
import type { RunEvent } from "@/data/runs/events";
import type { Mark } from "@/data/view/panel";
import { seriesOf } from "@/testing/series";
import { curveOf, FIRST_LINE_VIEW, type LineView } from "./curve";
import { buildChart } from "./line-build";
import { jointLabel } from "./marks";

/** A run with a value at each step from 0 on. */
function columns(values: readonly number[], part: Partial<SeriesColumns> = {}): SeriesColumns {
  return seriesOf(values, { axis: "defined", originMicros: 1_000_000_000, ...part });
}

function build(series: SeriesColumns, view: Partial<LineView> = {}) {
  return buildChart([curveOf(series, { id: "a", name: "a", color: 3 })], { ...FIRST_LINE_VIEW, ...view });
}

const ALERT: RunEvent = {
  kind: "alert",
  run: "a",
  step: 4,
  endStep: 5,
  timeMicros: 1_004_500_000,
  endMicros: 1_004_500_000,
  runtimeMicros: 3_250_000,
  endRuntimeMicros: 3_250_000,
  nRows: 0,
  level: "WARN",
  title: "hot",
  text: "",
  exitCode: null,
};
const GAP: RunEvent = { ...ALERT, kind: "gap", step: 2, endStep: 6, endMicros: 1_006_000_000, nRows: 3 };

describe("where a curve leaves the range", () => {
  const hill = columns([0, 1, 4, 9, 4, 1, 0]);

  it("is a mark at the crossing, one for each stretch outside", () => {
    const { clips } = build(hill, { yEnds: [0.5, 4] });
    // 0 → 1 crosses 0.5 at 0.5; 1 → 0 at 5.5; above 4 lies step 3 alone, which is left behind step 2
    expect(clips.filter(({ edge }) => edge === "bottom").map(({ x }) => x)).toEqual([0.5, 5.5]);
    expect(clips.filter(({ edge }) => edge === "top").map(({ x }) => x)).toEqual([2]);
    expect(clips.every(({ color, highlightId }) => color === 3 && highlightId === "a")).toBe(true);
  });

  it("is a mark also where only a spike does, at the spike", () => {
    const mean = Float32Array.of(1, 1, 1, 1, 1);
    const spiky = columns([1, 1, 1, 1, 1], { min: mean, max: Float32Array.of(1, 1, 50, 1, 1) });
    expect(build(spiky, { yEnds: [0, 2] }).clips).toEqual([
      { x: 2, edge: "top", color: 3, highlightId: "a" },
    ]);
  });

  it("is nowhere while y follows the data", () => {
    expect(build(hill).clips).toEqual([]);
    expect(build(hill, { yScale: "log" }).clips.map(({ x, edge }) => [x, edge])).toHaveLength(2);
  });
});

describe("events of a run", () => {
  it("stand at their step, or their time since the start without pauses or with them, or in the day", () => {
    const of = (axis: "step" | "time" | "time_wall" | "wall", level: number) =>
      build(columns([1, 2, 3, 4, 5, 6, 7, 8], { axis, level }), { axis, events: [ALERT] }).flags[0]?.x;
    expect(of("step", 0)).toBe(4);
    expect(of("time", 20)).toBeCloseTo(3.25, 6);
    expect(of("time_wall", 20)).toBeCloseTo(4.5, 6);
    expect(of("wall", 20)).toBeCloseTo(1004.5, 6);
  });

  it("have no place where x is a metric, nor of a run that is not drawn", () => {
    const byEpoch = columns([1, 2, 3, 4, 5, 6], { axis: "metric", axisMetric: "epoch" });
    expect(build(byEpoch, { axis: "metric", axisBy: "epoch", events: [ALERT, GAP] })).toMatchObject({
      flags: [],
      gaps: [],
    });
    const other = { ...ALERT, run: "b" };
    expect(build(columns([1, 2, 3, 4, 5, 6]), { events: [other] }).flags).toEqual([]);
  });

  it("of rows that were lost are a stretch between the rows around it", () => {
    const series = columns([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(build(series, { events: [GAP] }).gaps).toEqual([
      { from: 2, to: 6, highlightId: "a", color: 3, text: "3 rows lost" },
    ]);
    expect(build(series, { events: [GAP], zoom: [7, 8] }).gaps).toEqual([]);
    // nothing was logged after it: it stands where the last row before it is
    expect(build(series, { events: [{ ...GAP, endStep: null }] }).gaps[0]).toMatchObject({ from: 2, to: 2 });
  });
});

describe("ends and resumptions", () => {
  const values = [1, 2, 3, 4, 5, 6, 7, 8];
  const stop = (part: Partial<RunEvent>): RunEvent => ({ ...ALERT, title: "crashed", ...part });
  const signs = (series: SeriesColumns, view: Partial<LineView>) =>
    build(series, view).stops.map(({ x, y, look }) => [look, x, y]);

  it("stand on the curve where the run ended, and where it went on, maybe earlier", () => {
    const resumed = stop({ kind: "resume", step: 5, endStep: 3 });
    expect(signs(columns(values), { events: [resumed] })).toEqual([
      ["failed", 5, 6],
      ["resumed", 3, 4],
    ]);
    expect(signs(columns(values), { events: [resumed], zoom: [4, 8] })).toEqual([["failed", 5, 6]]);
    // a resumption after a good end is no failure
    const after = stop({ kind: "resume", title: "finished", step: 5, endStep: 6 });
    expect(signs(columns(values), { events: [after] })).toEqual([["resumed", 6, 7]]);
    // the last point of a part of x may not be the run's last
    const ended = stop({ kind: "end", step: null, endStep: null });
    expect(signs(columns(values), { events: [ended] })).toEqual([["failed", 7, 8]]);
    expect(signs(columns(values), { events: [ended], zoom: [0, 9] })).toEqual([]);
  });

  it("of the run's last life are at its last point, also where x is a metric", () => {
    const failed = stop({ kind: "end", title: "preempted", step: null, endStep: null, exitCode: 143 });
    const byEpoch = columns(values, { axis: "metric", axisMetric: "epoch" });
    const view = { axis: "metric", axisBy: "epoch", events: [failed] } as const;
    expect(signs(byEpoch, view)).toEqual([["preempted", 7, 8]]);
    expect(build(byEpoch, view).stops[0]?.text).toMatch(/^preempted .*, exit code 143$/);
    expect(signs(byEpoch, { ...view, events: [stop({ kind: "resume" })] })).toEqual([]);
    expect(signs(columns([]), { events: [failed] })).toEqual([]);
  });
});

describe("marks that a person set", () => {
  const mark = (part: Partial<Mark>): Mark => ({
    kind: "annotation",
    at: 2,
    text: "unfreeze",
    look: "plain",
    run: null,
    ...part,
  });

  it("are drawn where they are in view", () => {
    const marks = [
      mark({}),
      mark({ at: 99 }),
      mark({ run: "gone" }),
      mark({ kind: "threshold", at: 3, text: "goal" }),
    ];
    const built = build(columns([1, 2, 3, 4]), { marks });
    expect(built.flags.map(({ text, x }) => [text, x])).toEqual([["unfreeze", 2]]);
    expect(built.thresholds).toEqual([{ y: 3, text: "goal", look: "plain" }]);
    expect(build(columns([1, 2, 3, 4]), { marks, yEnds: [0, 2] }).thresholds).toEqual([]);
  });
});

it("the marks of runs at one place have the count of their group's mark", () => {
  expect(jointLabel([{ kind: "NaN", n: 1 }])).toBe("NaN ×1");
  expect(jointLabel(Array.from({ length: 5 }, () => ({ kind: "NaN", n: 1 })))).toBe("NaN ×5");
  expect(
    jointLabel([
      { kind: "NaN", n: 1 },
      { kind: "Inf", n: 2 },
    ]),
  ).toBe("NaN, Inf ×3");
});
