import { describe, expect, it } from "vitest";
import { FIRST_VIEW, searchFromView, viewFromSearch, type WorkspaceView } from "./view";

describe("the view in the URL", () => {
  it("is empty for the first view, and back", () => {
    expect(searchFromView(FIRST_VIEW)).toEqual({});
    expect(viewFromSearch({})).toEqual(FIRST_VIEW);
  });

  it("survives the way there and back, with keys that hold separators", () => {
    const view: WorkspaceView = {
      runSearch: "lr=(1|3)e-4",
      isRunRegex: true,
      panelSearch: "loss",
      isPanelRegex: true,
      axis: "time",
      smoothing: 0.4,
      selection: { base: "none", on: ["ab12", "c,d:e%2c"], off: ["x"] },
      zoom: { "val/loss, top:5": [12.5, 4000], loss: [-3, 7] },
      log: ["train/lr"],
      flipped: ["system", "a,b"],
      pages: { train: 2 },
      full: "train/loss",
    };
    const query = new URLSearchParams(searchFromView(view));
    expect(viewFromSearch(Object.fromEntries(new URLSearchParams(query.toString())))).toEqual(view);
  });

  it("takes nothing that is wrong", () => {
    const view = viewFromSearch({
      smooth: "7",
      x: "epoch",
      zoom: "loss:9:3,,:1:2",
      page: "train:0",
      runs: "some",
    });
    expect(view).toEqual({ ...FIRST_VIEW, smoothing: 0.99 });
  });
});
