import { describe, expect, it } from "vitest";
import type { Sweep, SweepRun } from "@/api/sweeps/sweeps";
import { againstEachOther, overTime } from "./objective";

function sweepOf(...goals: Sweep["metrics"][number]["goal"][]): Sweep {
  const metrics = goals.map((goal, i) => ({ name: `m${i}`, goal }));
  return { metrics, front: [], created_micros: 0 } as unknown as Sweep;
}

function run(number: number, values: number[] | null, part: Partial<SweepRun> = {}): SweepRun {
  return {
    number,
    run: `r${number}`,
    parameters: {},
    state: values ? "finished" : "failed",
    stopped_early: false,
    values,
    error: null,
    agent: null,
    given_micros: 0,
    ended_micros: number * 3600e6,
    ...part,
  };
}

describe("runs of a sweep over time", () => {
  it("are at their ends, with the best so far as steps", () => {
    const content = overTime(sweepOf("minimize"), [
      run(3, [5]),
      run(1, [4]),
      run(2, [3], { stopped_early: true }),
      run(4, null),
      run(5, null, { state: "running", ended_micros: null }),
    ])!;
    expect(content.xLabel).toBe("hours since the first run began");
    expect(content.points.map(({ id, x, y, look }) => [id, x, y, look])).toEqual([
      ["r1", 1, 4, "plain"],
      ["r2", 2, 3, "stopped"],
      ["r3", 3, 5, "plain"],
      ["r4", 4, null, "failed"],
    ]);
    expect(content.line).toEqual([
      [1, 4],
      [2, 4],
      [2, 3],
      [4, 3],
    ]);
    expect(content.points.map(({ rank }) => rank)).toEqual([0.5, 1, 0, 0]);
  });

  it("count from the first run, whenever the sweep was sent, and leave failed ones out of the best", () => {
    const late = { ...sweepOf("minimize"), created_micros: 1e15 };
    const content = overTime(late, [
      run(1, [4], { given_micros: 1800e6 }),
      run(3, [1], { given_micros: 3600e6, state: "failed" }),
      run(5, [2], { given_micros: 3600e6 }),
    ])!;
    expect(content.points.map(({ x, y, look }) => [x, y, look])).toEqual([
      [0.5, 4, "plain"],
      [2.5, 1, "failed"],
      [4.5, 2, "plain"],
    ]);
    expect(content.line.at(-1)).toEqual([4.5, 2]);
  });

  it("are none before a run has ended", () => {
    expect(overTime(sweepOf("minimize"), [])).toBeNull();
  });
});

describe("two metrics of a sweep", () => {
  it("have a front of steps that claims no more than was reached", () => {
    const content = againstEachOther(sweepOf("minimize", "maximize"), [
      run(1, [1, 1]),
      run(2, [2, 3]),
      run(3, [2, 2]),
      run(4, [3, 2]),
      run(5, null),
    ])!;
    expect(content.points).toHaveLength(4);
    expect(content.line).toEqual([
      [1, 1],
      [2, 1],
      [2, 3],
    ]);
  });

  it("have a front where both are minimized", () => {
    const content = againstEachOther(sweepOf("minimize", "minimize"), [run(1, [1, 3]), run(2, [2, 1])])!;
    expect(content.line).toEqual([
      [1, 3],
      [2, 3],
      [2, 1],
    ]);
  });

  it("have a front where both are maximized", () => {
    const content = againstEachOther(sweepOf("maximize", "maximize"), [run(1, [1, 3]), run(2, [2, 1])])!;
    expect(content.line).toEqual([
      [1, 3],
      [1, 1],
      [2, 1],
    ]);
  });
});
