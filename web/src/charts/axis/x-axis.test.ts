import { describe, expect, it } from "vitest";
import { wallLabels, wallTicks } from "./wall-ticks";
import { badgeOf, positionText, type XAxis, xAxisOf, xTicks } from "./x-axis";

const axis = (kind: XAxis["kind"], metric = ""): XAxis => ({ kind, metric, key: kind });

describe("the x axis of curves", () => {
  it("is what their metric defines", () => {
    expect(xAxisOf("time", "")).toEqual({ kind: "time", metric: "", key: "time" });
    expect(xAxisOf("metric", "epoch")).toEqual({ kind: "metric", metric: "epoch", key: "metric:epoch" });
    expect(xAxisOf("defined", "")).toEqual({ kind: "step", metric: "", key: "step" });
    expect(xAxisOf("defined", "epoch").key).toBe("metric:epoch");
  });

  it("reads as what it is", () => {
    expect(badgeOf(axis("step"), 17_514.2, 1e5)).toBe("Step 17,514");
    expect(badgeOf(axis("metric", "epoch"), 12.5, 30)).toBe("epoch 12.5");
    expect(badgeOf(axis("time"), 3725, 1e4)).toBe("1h 2m");
    expect(positionText(axis("step"), 3.5, 8, 1e3)).toBe("steps 0 to 7");
    expect(positionText(axis("step"), 700_001, 1, 1e6)).toBe("step 700,001");
    expect(positionText(axis("metric", "epoch"), 0.1 + 0.2, 0, 1)).toBe("epoch 0.3");
    expect(positionText(axis("metric", "epoch"), 9.03125, 0.0625, 30)).toBe("epoch 9");
    expect(positionText(axis("metric", "tokens"), 34_209_791.5, 2 ** 18, 6e7)).toBe("tokens 34.21M");
    expect(positionText(axis("metric", "x"), 0, 8, 1)).toBe("x 0");
  });

  it("has whole steps, and writes neighbours out that would read the same", () => {
    expect(xTicks(axis("step"), "linear", [0, 3], 8).values).toEqual([0, 1, 2, 3]);
    expect(xTicks(axis("step"), "linear", [1_234_500, 1_234_520], 4).texts[0]).toBe("1,234,500");
    expect(xTicks(axis("metric", "epoch"), "linear", [0, 1], 4).values).toContain(0.2);
    expect(xTicks(axis("step"), "log", [1, 1e6], 4).texts).toEqual(["1", "100", "10k", "1M"]);
  });

  it("counts tokens in billions, and times in what they last", () => {
    expect(xTicks(axis("metric", "tokens"), "linear", [0, 6e9], 3).texts).toEqual(["0", "2B", "4B", "6B"]);
    expect(xTicks(axis("metric", "tokens"), "linear", [0, 2e12], 2).texts).toEqual(["0", "1T", "2T"]);
    expect(badgeOf(axis("metric", "tokens"), 1_234_567_890, 6e9)).toBe("tokens 1.235B");
    const timesTo = (end: number) => xTicks(axis("time"), "linear", [0, end], 3).texts;
    expect(timesTo(45)).toEqual(["0", "15s", "30s", "45s"]);
    expect(timesTo(5400)).toEqual(["0", "30m", "1h", "1h 30m"]);
    const timesAfter = (start: number, span: number) =>
      xTicks(axis("time"), "linear", [start, start + span], 3).texts;
    expect(timesAfter(21_240, 45)).toEqual(["5h 54m", "5h 54m 15s", "5h 54m 30s", "5h 54m 45s"]);
    expect(timesAfter(21_255, 1.5)).toEqual(["5h 54m 15s", "5h 54m 15.5s", "5h 54m 16s", "5h 54m 16.5s"]);
    expect(timesAfter(129_600, 180)).toEqual(["1d 12h", "1d 12h 1m", "1d 12h 2m", "1d 12h 3m"]);
    expect(timesTo(4 * 86_400)).toEqual(["0", "1d", "2d", "3d", "4d"]);
    const logTimes = xTicks(axis("time"), "log", [1, 100_000], 8).texts;
    expect(logTimes).toEqual(["1s", "10s", "1m", "10m", "1h", "10h", "1d"]);
    expect(xTicks(axis("time"), "log", [0.001, 10], 8).texts).toContain("0.1s");
  });

  it("says large positions alike in badge and tooltip, with the digits that the range shown needs", () => {
    const tokens = axis("metric", "tokens");
    for (const [x, span, text] of [
      [134_753_550_336, 3e11, "tokens 134.75B"],
      [134_753_550_336, 1e9, "tokens 134.754B"],
      [134_217_728, 1e3, "tokens 134.217728M"],
      [999_999, 3e11, "tokens 999,999"],
    ] as const) {
      expect(positionText(tokens, x, 0, span)).toBe(text);
      if (x >= 1e6) expect(badgeOf(tokens, x, span)).toBe(text);
    }
    expect(positionText(tokens, 134_753_550_336, 2 ** 29, 3e11)).toBe("tokens 134.75B");
  });
});

describe("ticks of wall time", () => {
  const noon = new Date(2026, 10, 20, 12, 0, 0).getTime() / 1000;

  it("fall on round local times, and say the day where it begins", () => {
    const ticks = wallTicks(noon - 1800, noon + 1800, 4);
    expect(ticks).toContain(noon);
    expect(wallLabels(ticks)[ticks.indexOf(noon)]).toBe("12:00");
    const overnight = wallTicks(noon, noon + 86_400, 4);
    expect(wallLabels(overnight)).toContain("Nov 21");
  });

  it("are days where the range is of weeks", () => {
    const labels = wallLabels(wallTicks(noon, noon + 20 * 86_400, 5));
    expect(labels.every((label) => /^(Nov|Dec) \d+$/.test(label))).toBe(true);
    expect(new Set(labels).size).toBe(labels.length);
  });
});
