import { describe, expect, it } from "vitest";
import { exampleFrame, exampleLine } from "@/testing/curves";
import type { BuiltLine } from "../built-line";
import { type Hover, hoverAt } from "./hover";

/** A curve at one level from `from` on, a point at each step. */
function line(id: string, level: number, from = 0, n = 100): BuiltLine {
  const x = Array.from({ length: n }, (_, i) => from + i);
  return exampleLine(id, x, new Array<number>(n).fill(level));
}

// 44 px left, 20 px right: 99 px for 99 steps, so that step i lies at 44 + i
const FRAME = exampleFrame(44 + 20 + 99, 8 + 22 + 100, [0, 99], [0, 100]);

function hover(lines: readonly BuiltLine[], px: number, py: number): Hover | null {
  const axis = { kind: "step", metric: "", key: "step" } as const;
  const marks = { clips: [], flags: [], gaps: [], stops: [], thresholds: [] };
  const { x, y } = FRAME;
  const built = {
    lines,
    axis,
    isDense: false,
    isPercent: false,
    values: "any" as const,
    x,
    y,
    bandStrength: 1,
    band: "stderr" as const,
    own: { x, y, hasFadedBands: false },
    ...marks,
  };
  return hoverAt(built, FRAME, px, py, 7);
}

describe("hovering", () => {
  it("lists runs in the order of their lines on screen, seven around the nearest", () => {
    const lines = Array.from({ length: 20 }, (_, i) => line(`r${i}`, i * 5));
    const hovered = hover(lines, 44 + 50, FRAME.yPx(50));
    expect(hovered?.near?.line.id).toBe("r10");
    expect(hovered?.rows.map((row) => row.id)).toEqual(["r13", "r12", "r11", "r10", "r9", "r8", "r7"]);
    expect([hovered?.nHigher, hovered?.nLower]).toEqual([6, 7]);
    expect(hovered?.label).toBe("step 50");
  });

  it("lights no run that is far away, and lists none that has ended", () => {
    const lines = [line("low", 5), line("short", 95, 0, 20)];
    const hovered = hover(lines, 44 + 60, FRAME.yPx(80));
    expect(hovered?.near).toBeNull();
    expect(hovered?.rows.map((row) => row.id)).toEqual(["low"]);
  });

  it("finds nothing where no run has begun", () => {
    expect(hover([line("late", 5, 80, 10)], 44 + 10, 20)).toBeNull();
  });

  it("stands at a point, however far the next one is", () => {
    const sparse = exampleLine("a", [0, 40, 80], [50, 50, 50], { width: 8, isExact: [true, true, true] });
    const hovered = hover([sparse], 44 + 55, FRAME.yPx(50));
    expect([hovered?.x, hovered?.label]).toEqual([40, "step 40"]);
  });

  it("gives no value in a hole of a curve that is wider than its points are apart", () => {
    const steps = Array.from({ length: 100 }, (_, i) => i).filter((step) => step < 40 || step > 60);
    const holed = exampleLine(
      "holed",
      steps,
      steps.map(() => 9),
    );
    const rowsAt = (step: number) =>
      hover([line("whole", 50), holed], 44 + step, FRAME.yPx(50))?.rows.map((row) => row.id);
    expect([rowsAt(39), rowsAt(50), rowsAt(61)]).toEqual([["whole", "holed"], ["whole"], ["whole", "holed"]]);
  });

  it("gives no value where the points are NaN, and says so", () => {
    const nonfinite = { x: 30, width: 1, kind: "NaN", n: 3, label: "NaN ×3", all: [30, 40, 50] };
    const gap = exampleLine("gap", [0, 10, 20, 60, 70], [9, 9, 9, 9, 9], { nonfinite });
    const at = (step: number) => hover([line("whole", 50), gap], 44 + step, FRAME.yPx(50));
    const rowsAt = (step: number) => at(step)?.rows.map((row) => row.id);
    expect([rowsAt(22), rowsAt(40), rowsAt(58)]).toEqual([["whole", "gap"], ["whole"], ["whole", "gap"]]);
    const inPlace = {
      look: "danger",
      text: "NaN",
      name: "gap",
      curve: expect.objectContaining({ color: 1 }),
    };
    expect(at(40)?.marks).toEqual([inPlace]);
    expect(at(22)?.marks).toEqual([]);
    const ended = { ...gap, nonfinite: { ...nonfinite, all: [30, 40, 50, 72] } };
    expect(hover([line("whole", 50), ended], 44 + 95, FRAME.yPx(50))?.marks).toEqual([]);
    const many = Array.from({ length: 9 }, (_, i) => ({ ...gap, id: `r${i}` }));
    expect(hover(many, 44 + 40, FRAME.yPx(50))?.marks.at(-1)).toMatchObject({ text: "and 2 runs more" });
  });

  it("names the steps of a bucket", () => {
    const drawn = Float64Array.of(50, 50);
    const x = Float64Array.of(3.5, 11.5);
    const coarse = { ...line("a", 50), x, drawn, y: drawn, mean: drawn, lo: drawn, hi: drawn, width: 8 };
    expect(hover([coarse], 44 + 11, 50)?.label).toBe("steps 8 to 15");
  });

  it("tells values of the steps that it names: of groups those of the same bucket", () => {
    const groupOf = (id: string, level: number, ...x: number[]) =>
      exampleLine(
        id,
        x,
        x.map(() => level),
        { run: "", width: 8 },
      );
    const ended = groupOf("ended", 60, 3.5, 11.5, 19.5);
    const going = groupOf("going", 20, 3.5, 11.5, 19.5, 27.5, 35.5);
    const at = (step: number, level: number) => {
      const hovered = hover([ended, going], 44 + step, FRAME.yPx(level));
      return [hovered?.x, hovered?.label, hovered?.rows.map(({ id }) => id)];
    };
    // right of the end of one, the pointer at its height: no value of before the named steps
    expect(at(25, 60)).toEqual([27.5, "steps 24 to 31", ["going"]]);
    expect(at(23, 60)).toEqual([19.5, "steps 16 to 23", ["ended", "going"]]);
  });

  it("says of which step a value is, where the curve has none at the named one", () => {
    const sparse = exampleLine("sparse", [40, 60], [50, 50], { width: 8, isExact: [true, true] });
    const near = (level: number) => hover([line("dense", 10), sparse], 44 + 47, FRAME.yPx(level));
    expect(near(10)?.rows.map(({ id, position }) => [id, position])).toEqual([
      ["sparse", "step 40"],
      ["dense", null],
    ]);
    const beyond = hover([line("dense", 10), sparse], 44 + 51, FRAME.yPx(10));
    expect([beyond?.label, beyond?.rows[0]?.position]).toEqual(["step 51", "step 60"]);
    // on the sparse one all values are of its step
    const on = hover([line("dense", 10), sparse], 44 + 51, FRAME.yPx(50));
    expect([on?.x, on?.hits.map((hit) => hit.line.x[hit.at])]).toEqual([60, [60, 60]]);
  });

  it("names a smoothed value and the one before smoothing, to which the range belongs", () => {
    const mean = new Float64Array(100).fill(45);
    const smoothed = {
      ...line("a", 50),
      mean,
      least: mean.map((v) => v - 1),
      greatest: mean.map((v) => v + 1),
      hasExtremes: true,
    };
    expect(hover([smoothed], 44 + 50, FRAME.yPx(50))?.rows[0]).toMatchObject({
      value: "50 (45)",
      range: "44 – 46",
    });
  });

  it("compares with the baseline of the same metric", () => {
    const base = { ...line("base", 40), isBaseline: true };
    const other = { ...line("other", 60), key: "acc" };
    const rows = hover([base, line("run", 42.5), other], 44 + 50, FRAME.yPx(42))?.rows;
    expect(rows?.map(({ id, delta }) => [id, delta])).toEqual([
      ["other", null],
      ["run", "+2.5000"],
      ["base", null],
    ]);
  });

  it("says of how many runs of a group a mean is, where some have ended", () => {
    const runs = Uint32Array.from({ length: 100 }, (_, i) => (i < 50 ? 5 : 3));
    const group = { ...line("group", 50), runs, nRuns: 5, fewerAfter: 49 };
    const partAt = (px: number) => hover([group], 44 + px, FRAME.yPx(50))?.rows[0]?.part;
    expect([partAt(49), partAt(50)]).toEqual([null, "3 of 5 runs"]);
    expect(hover([line("run", 50)], 44 + 50, FRAME.yPx(50))?.rows[0]?.part).toBeNull();
  });

  it("finds a spike beside the pointer, and its run from its tip on", () => {
    const hi = new Float64Array(100).fill(50);
    hi[52] = 95;
    const ends = { hi, greatest: hi, hasBand: true, hasExtremes: true };
    const spiky = { ...line("spiky", 50), ...ends, spikes: [52] };
    const hovered = hover([line("calm", 80), spiky], 44 + 50, FRAME.yPx(94));
    expect(hovered?.near?.line.id).toBe("spiky");
    expect(hovered?.x).toBe(52);
    expect(hovered?.rows.find((row) => row.id === "spiky")?.range).toBe("50 – 95");
    expect(hover([spiky], 44 + 40, FRAME.yPx(94))?.near).toBeNull();
  });

  it("tells of the tick where the first run of a group ends", () => {
    const runs = new Uint32Array(100).fill(5, 0, 51).fill(2, 51);
    const group = { ...line("group", 50), run: "", nRuns: 5, runs, fewerAfter: 50 };
    expect(hover([group], 44 + 51, FRAME.yPx(50))?.marks).toMatchObject([
      { text: "a run ends here; from here 2 of 5 runs", name: "group" },
    ]);
    expect(hover([group], 44 + 80, FRAME.yPx(50))?.marks).toEqual([]);
  });

  it("tells the extremes of a group's points, and its band beside the center", () => {
    const level = (value: number) => new Float64Array(100).fill(value);
    const group = {
      ...line("group", 50),
      lo: level(48),
      hi: level(52),
      hasBand: true,
      least: level(10),
      greatest: level(90),
      hasExtremes: true,
    };
    const hovered = hover([{ ...group, run: "" }], 44 + 50, FRAME.yPx(50));
    const [row] = hovered?.rows ?? [];
    expect([row?.value, row?.range]).toEqual(["50 ± 2", "10 – 90"]);
    expect(hovered?.note).toBe("± standard error, then min – max of all points");
    const same = hover([{ ...group, run: "", lo: group.least }], 44 + 50, FRAME.yPx(50));
    expect([same?.rows[0]?.value, same?.note]).toEqual(["50", "min – max of all points"]);
    expect(hover([line("run", 50)], 44 + 50, FRAME.yPx(50))?.note).toBeNull();
  });

  it("tells of the NaN mark under the pointer, also where no curve is left", () => {
    const nonfinite = { x: 60, width: 1, kind: "NaN", n: 7, label: "NaN ×7", all: [60] };
    const ended = { ...line("bad", 5, 0, 10), nonfinite };
    const hovered = hover([ended], 44 + 62, FRAME.floor - 3);
    expect(hovered?.marks[0]).toMatchObject({ look: "danger", text: "NaN ×7", name: "bad" });
    expect(hovered?.rows).toEqual([]);
    expect(hover([ended], 44 + 62, 20)).toBeNull();
  });
});
