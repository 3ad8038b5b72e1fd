import { expect, test } from "vitest";
import { exampleLine } from "@/testing/curves";
import { spikeAlpha } from "./line-look";

const look = (bandAlpha: number) => ({ bandAlpha, fullAlpha: 0.2 });

test("a spike of a run is plain however faint the bands are, one of a group never more than a band", () => {
  const run = exampleLine("run", [0, 1, 2], [5, 5, 5], { spikes: [1] });
  expect(spikeAlpha(run, look(0))).toBe(0.5);
  expect(spikeAlpha(run, look(0.2))).toBe(1);
  const least = Float64Array.of(5, 0, 5);
  const group = exampleLine("group", [0, 1, 2], [5, 5, 5], { run: "", spikes: [1], lo: least, least });
  // the band shows it
  expect(spikeAlpha(group, look(0.2))).toBe(0);
  expect(spikeAlpha(group, look(0.05))).toBeCloseTo(0.15);
  expect(spikeAlpha(group, look(0))).toBe(0.2);
  // a band of the standard error does not
  expect(spikeAlpha({ ...group, lo: group.mean }, look(0.2))).toBe(0.2);
});
