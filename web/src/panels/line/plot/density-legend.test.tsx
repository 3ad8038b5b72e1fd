import { render } from "@testing-library/react";
import { expect, test } from "vitest";
import DensityLegend from "./density-legend";

function textOf(props: Partial<Parameters<typeof DensityLegend>[0]>): string {
  const all = { most: 59, nCurves: 1000, nRuns: 1000, nShown: 1000, width: 600, ...props };
  return render(<DensityLegend {...all} />).container.textContent;
}

test("a density says how many curves it has, and in a narrow panel leaves out the unit of its scale", () => {
  expect(textOf({})).toBe("Density of 1,000 curves059 in a pixel");
  expect(textOf({ width: 250 })).toBe("Density of 1,000 curves059");
});

test("a density of the first of more runs says so, in a narrow panel only that", () => {
  expect(textOf({ nCurves: 998, nShown: 2400 })).toBe("Density of 998 curves, 1,000 of 2,400 runs059");
  expect(textOf({ nShown: 2400, width: 250 })).toBe("1,000 of 2,400 runs059");
});
