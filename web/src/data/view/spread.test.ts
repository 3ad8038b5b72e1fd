import { expect, it } from "vitest";
import { makePanel } from "./panel";
import { countChanges } from "./settings";
import { change, FIRST_VIEW, settingsOf, type View } from "./view";

const own = makePanel("a", "line", "val", { settings: { yScale: "log", yEnds: [0, 1], legendText: "own" } });
const beside = makePanel("b", "line", "val", { settings: { yScale: "symlog" } });
const far = makePanel("c", "line", "train", { settings: { tipRows: 3 } });
const view: View = {
  ...FIRST_VIEW,
  panels: { a: own, b: beside, c: far },
  sections: { train: { settings: { legendText: "section", tipRows: 4 } } },
};
const settings = (after: View, id: string) => settingsOf(after, after.panels[id]!);

it("gives a section what one of its panels has, and leaves the others alone", () => {
  const after = { ...view, ...change.spreadSettings(view, "a", "section") };
  expect(settings(after, "b")).toMatchObject({ yScale: "log", legendText: "own", yEnds: [null, null] });
  expect(settings(after, "a")).toEqual(settings(view, "a"));
  expect(settings(after, "c")).toEqual(settings(view, "c"));
});

it("gives all panels what one has, over what sections say", () => {
  const after = { ...view, ...change.spreadSettings(view, "a", "workspace") };
  expect(settings(after, "c")).toMatchObject({ yScale: "log", legendText: "own", tipRows: 3 });
  expect(settings(after, "a")).toEqual(settings(view, "a"));
});

it("counts the choice of an x axis as one change", () => {
  expect(countChanges({ axis: "expression", axisBy: null })).toBe(1);
  expect(countChanges({ axis: "metric", axisBy: "epoch", yScale: "log" })).toBe(2);
});
