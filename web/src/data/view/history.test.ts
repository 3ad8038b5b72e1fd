import { describe, expect, it } from "vitest";
import { NO_HISTORY, redone, undone, type ViewHistory, withStep } from "./history";
import { makePanel } from "./panel";
import { randomView, seeded } from "./random-view";
import { FIRST_VIEW, type View } from "./view";

interface Held {
  readonly view: View;
  readonly history: ViewHistory;
}

function set({ view, history }: Held, part: Partial<View>, name: string | null = null, millis = 0): Held {
  return { view: { ...view, ...part }, history: withStep(history, view, part, name, millis) };
}

function take({ view, history }: Held, step: typeof undone): Held | null {
  const stepped = step(history, view);
  return stepped && { view: { ...view, ...stepped.part }, history: stepped.history };
}

const BEGIN: Held = { view: FIRST_VIEW, history: NO_HISTORY };

describe("undo", () => {
  it("goes back and forth through any changes", () => {
    for (let seed = 0; seed < 50; seed++) {
      const random = seeded(seed);
      const views = [FIRST_VIEW];
      let held = BEGIN;
      for (let i = 0; i < 8; i++) {
        // what lasts; fields of the moment are of no step
        const {
          zoom: _z,
          mediaSteps: _m,
          full: _f,
          edited: _e,
          runSearch: _r,
          panelSearch: _p,
          ...part
        } = randomView(random);
        const { isRunRegex: _ir, isPanelRegex: _ip, passingFilter: _pf, ...lasting } = part;
        held = set(held, lasting);
        views.push(held.view);
      }
      for (const view of views.slice(0, -1).reverse()) {
        held = take(held, undone)!;
        expect(held.view).toEqual(view);
      }
      expect(take(held, undone)).toBeNull();
      for (const view of views.slice(1)) {
        held = take(held, redone)!;
        expect(held.view).toEqual(view);
      }
      expect(take(held, redone)).toBeNull();
    }
  });

  it("takes a slider's moves as one step, until it rests", () => {
    let held = set(BEGIN, { filter: "a" });
    for (let i = 1; i <= 10; i++) held = set(held, { settings: { tipRows: i } }, "curves", 1000 + i * 16);
    held = set(held, { settings: { tipRows: 99 } }, "curves", 9000);
    held = take(held, undone)!;
    expect(held.view.settings).toEqual({ tipRows: 10 });
    held = take(held, undone)!;
    expect(held.view).toEqual({ ...FIRST_VIEW, filter: "a" });
  });

  it("leaves what was changed elsewhere since", () => {
    const panel = (title: string) => makePanel(title, "line", "charts");
    let held = set(BEGIN, { panels: { a: panel("a") } });
    held = set(held, { panels: { ...held.view.panels, b: panel("b") }, filter: "mine" });
    // as another tab has saved them
    held = {
      ...held,
      view: { ...held.view, panels: { ...held.view.panels, c: panel("c") }, groupBy: ["x"] },
    };
    held = take(held, undone)!;
    expect(Object.keys(held.view.panels)).toEqual(["a", "c"]);
    expect(held.view).toMatchObject({ filter: "", groupBy: ["x"] });
    held = take(held, redone)!;
    expect(Object.keys(held.view.panels).sort()).toEqual(["a", "b", "c"]);
    expect(held.view).toMatchObject({ filter: "mine", groupBy: ["x"] });
  });

  it("passes by what is of the moment", () => {
    let held = set(BEGIN, { filter: "a" });
    held = set(held, { zoom: { "*step": [1, 2] }, panelSearch: "loss", full: "auto:loss" });
    held = take(held, undone)!;
    expect(held.view).toEqual({
      ...FIRST_VIEW,
      zoom: { "*step": [1, 2] },
      panelSearch: "loss",
      full: "auto:loss",
    });
  });

  it("forgets what was undone once something else is changed", () => {
    let held = set(set(BEGIN, { filter: "a" }), { filter: "b" });
    held = take(held, undone)!;
    held = set(held, { groupBy: ["config.lr"] });
    expect(take(held, redone)).toBeNull();
    held = take(held, undone)!;
    expect(held.view).toEqual({ ...FIRST_VIEW, filter: "a" });
  });
});
