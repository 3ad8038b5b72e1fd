import { describe, expect, it } from "vitest";
import { columnsOf, progressOf, secondsLeft } from "./progress";

function of(config: Record<string, unknown>, summary: Record<string, unknown>) {
  return progressOf(columnsOf({ config, summary }));
}

describe("how far a run is", () => {
  it("is what it says itself, with the steps that its config names", () => {
    expect(of({ max_steps: 40000 }, { progress: 0.86 })).toEqual({
      part: 0.86,
      count: { done: 34400, end: 40000, noun: "steps" },
    });
    expect(of({}, { progress: 0.5 })).toEqual({ part: 0.5, count: null });
  });

  it("else is what it counts against the end that its config names", () => {
    expect(of({ epochs: 100 }, { epoch: 61 })?.count).toEqual({ done: 61, end: 100, noun: "epochs" });
    expect(of({ max_steps: 10 }, { "trainer/global_step": 10 })?.part).toBe(1);
  });

  it("is not guessed from anything else", () => {
    expect(of({ epochs: 100 }, { loss: 1 })).toBeNull();
    expect(of({}, { epoch: 3, progress: 7 })).toBeNull();
    expect(of({ max_steps: "many" }, { step: 3 })).toBeNull();
    // the run was extended
    expect(of({ epochs: 20 }, { epoch: 64 })).toBeNull();
  });

  it("tells the time left once one part in a hundred is done", () => {
    expect(secondsLeft({ part: 0.75, count: null }, 300)).toBe(100);
    expect(secondsLeft({ part: 0.001, count: null }, 300)).toBeNull();
    expect(secondsLeft({ part: 1, count: null }, 300)).toBeNull();
  });
});
