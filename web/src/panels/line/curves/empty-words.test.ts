import { describe, expect, it } from "vitest";
import type { MissingSeries } from "@/data/curves/columns";
import { emptyWords } from "./empty-words";

const RUNS = ["a", "b", "c"].map((id) => ({ id }));

function lacking(run: string, reason: string, axisMetric = ""): MissingSeries {
  return { run, key: "acc", part: "", group: "", axisMetric, reason };
}

function words(missing: readonly MissingSeries[], isComputed = false) {
  return emptyWords({ missing, runs: RUNS, name: "acc", isComputed });
}

const NO_METRIC = "the run has no metric 'acc'";
const NO_X = "the run has no metric 'epoch' to be the x axis";

describe("why a line panel is empty", () => {
  it("names the metric of the x axis where that is what runs lack", () => {
    const mixed = [lacking("a", NO_METRIC, "epoch"), lacking("b", NO_X, "epoch"), lacking("c", NO_METRIC)];
    expect(words(mixed)).toEqual({ say: "1 of 3 runs has acc, but no epoch.", isForX: true });
    const apart = [lacking("a", "no points in the range", "epoch"), lacking("b", NO_METRIC)];
    expect(words(apart)).toEqual({
      say: "1 of 2 runs has acc and epoch, but no point with both.",
      isForX: true,
    });
  });

  it("says of what no run shown has logged just that", () => {
    const all = RUNS.map(({ id }) => lacking(id, NO_METRIC));
    expect(words(all)).toEqual({ say: "None of the 3 runs shown has logged acc.", isForX: false });
    // a baseline that is not shown is asked for, too
    expect(words([...all, lacking("base", NO_X, "epoch")]).isForX).toBe(false);
    const text = [
      lacking("a", "its values are no numbers"),
      lacking("b", NO_METRIC),
      lacking("c", NO_METRIC),
    ];
    expect(words(text).say).toBe("1 of 3 runs has acc, but no number in it.");
  });

  it("lists the reasons of an expression with how many runs have each", () => {
    const reasons = [
      lacking("a", "its metrics have no x in common"),
      lacking("b", "the run has no metric 'x' with numbers"),
      lacking("c", "the run has no metric 'x' with numbers"),
    ];
    expect(words(reasons, true).say).toBe(
      "acc: the run has no metric 'x' with numbers (2 of 3 runs); its metrics have no x in common (1 of 3 runs).",
    );
    const noX = RUNS.map(({ id }) => lacking(id, "no points in the range", "epoch"));
    expect(words(noX, true)).toEqual({ say: "acc: no points over epoch.", isForX: true });
  });
});
