import { describe, expect, it } from "vitest";
import { stepOf, withStep } from "../view/media-steps";
import { makePanel } from "../view/panel";
import { neighboursOf, placeOfStep, stepAtPlace } from "./steps";

const STEPS = [0, 10, 20.5, 40];

describe("the step of a media panel", () => {
  it("is the last at or before the one asked for, and at first the last of all", () => {
    expect([null, 40, 100, 39, 20.5, 0, -5].map((step) => placeOfStep(STEPS, step))).toEqual([
      3, 3, 3, 2, 2, 0, 0,
    ]);
    expect(placeOfStep([], 5)).toBe(-1);
  });

  it("has neighbours where one run has something new", () => {
    const own = [10, 40];
    expect([0, 1, 2, 3].map((at) => neighboursOf(STEPS, own, at))).toEqual([
      { before: null, after: 1 },
      { before: null, after: 3 },
      { before: null, after: 3 },
      { before: 1, after: null },
    ]);
  });

  it("stays the last one when there come more", () => {
    expect([-1, 0, 2, 3, 9].map((index) => stepAtPlace(STEPS, index))).toEqual([0, 0, 20.5, null, null]);
  });

  it("is a panel's own, or shared by all that are in step", () => {
    const [own, shared, other] = ["a", "b", "c"].map((id) =>
      makePanel(id, "media", "media", { options: { isInStep: id !== "a" } }),
    );
    const first = withStep({ mediaSteps: {} }, own!, 10);
    const view = withStep(first, shared!, 20);
    expect([own!, shared!, other!].map((panel) => stepOf(view, panel))).toEqual([10, 20, 20]);
    const back = withStep(view, other!, null);
    expect([own!, shared!, other!].map((panel) => stepOf(back, panel))).toEqual([10, null, null]);
  });
});
