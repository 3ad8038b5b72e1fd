import { expect, test } from "vitest";
import { xAxisOf } from "@/charts/axis/x-axis";
import { makePanel } from "@/data/view/panel";
import { FIRST_SETTINGS } from "@/data/view/settings";
import { exampleCurve } from "@/testing/curves";
import type { PanelProps } from "../../panel-props";
import { notesOf } from "./line-notes";

/** Two groups of so many runs. */
function notes(nRuns: number, hasFadedBands = false): string[] {
  const groups = [0, 1].map((level) => {
    const mean = Float32Array.of(level, level, level);
    const bucket = Uint16Array.of(0, 1, 2);
    return exampleCurve({ axis: "step", run: "", group: `g${level}`, bucket, mean, nRuns }, `g${level}`);
  });
  const panel = makePanel("loss", "line", "train", { keys: ["loss"] });
  const of = { panel, settings: FIRST_SETTINGS, groupBy: ["config.lr"] } as unknown as PanelProps;
  return notesOf(of, groups, null, xAxisOf("step", ""), hasFadedBands);
}

test("the band of groups that no one chose is named, whichever it is", () => {
  expect(notes(1)).toContain("min–max");
  expect(notes(3)).toContain("± standard error");
});

test("bands that are not drawn are not named", () => {
  expect(notes(3, true)).not.toContain("± standard error");
  expect(notes(1, true)).not.toContain("min–max");
});
