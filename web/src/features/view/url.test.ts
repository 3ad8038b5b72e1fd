import { describe, expect, it } from "vitest";
import { randomView, seeded } from "@/data/view/random-view";
import { FIRST_VIEW, type View } from "@/data/view/view";
import { foreignPart, searchFromView, searchOfLink, searchOfSaved, viewUrlFromSearch } from "./url";

/** As the router writes and reads it. */
function throughUrl(search: Record<string, string>): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(new URLSearchParams(search).toString()));
}

/** As JSON has it: what is undefined is absent. */
function plain(view: View): View {
  return JSON.parse(JSON.stringify(view));
}

describe("the URL of a view", () => {
  it("is empty for the first view", () => {
    expect(searchFromView(FIRST_VIEW)).toEqual({});
    expect(viewUrlFromSearch({})).toEqual({ view: FIRST_VIEW, saved: null, link: null, hasState: false });
  });

  it("gives back any view", () => {
    for (let seed = 0; seed < 500; seed++) {
      const view = plain(randomView(seeded(seed)));
      const saved = seed % 2 ? "ab12" : null;
      const url = viewUrlFromSearch(throughUrl(searchFromView(view, saved)));
      expect(url.view, `seed ${seed}`).toEqual(view);
      expect(url.saved).toBe(saved);
      if (saved) expect(url.hasState).toBe(true);
    }
  });

  it("names what people read and edit there", () => {
    const view: View = {
      ...FIRST_VIEW,
      runSearch: "lr=(1|3)e-4",
      filter: 'config.opt = "adam, or so"',
      groupBy: ["config.opt", "config.a,b"],
      order: [
        { column: "summary.val/acc", descending: true },
        { column: "created", descending: false },
      ],
      settings: { axis: "metric", axisBy: "tokens", smoothing: { kind: "gaussian", amount: 0.1 } },
      zoom: { "*step": [-3, 7.5] },
      full: "auto:train/loss",
    };
    expect(searchFromView(view)).toEqual({
      q: "lr=(1|3)e-4",
      filter: 'config.opt = "adam, or so"',
      group: "config.opt,config.a%2cb",
      sort: "-summary.val/acc,created",
      x: "metric:tokens",
      smooth: "gaussian:0.1",
      zoom: "*step:-3:7.5",
      full: "auto:train/loss",
    });
  });

  it("of a saved view is its id and what is of the moment", () => {
    const view: View = { ...FIRST_VIEW, filter: "state = running", full: "a" };
    const search = searchOfSaved(view, "ab12");
    expect(search).toEqual({ view: "ab12", full: "a" });
    const url = viewUrlFromSearch(search);
    expect([url.saved, url.hasState, url.view.full]).toEqual(["ab12", false, "a"]);
    // changed back to the first view, it is not the saved one
    expect(viewUrlFromSearch(searchFromView(FIRST_VIEW, "ab12"))).toEqual({
      view: FIRST_VIEW,
      saved: "ab12",
      link: null,
      hasState: true,
    });
    const linked = viewUrlFromSearch(searchOfLink(view, null, "cd34"));
    expect([linked.link, linked.hasState, linked.view.full]).toEqual(["cd34", true, "a"]);
  });

  it("takes nothing that is wrong", () => {
    const search = { zoom: "loss:9:3,,:1:2,a:b:c", runs: "some", x: "epoch", smooth: "7", w: "no such text" };
    expect(viewUrlFromSearch(search).view).toEqual({ ...FIRST_VIEW, zoom: { "": [1, 2] } });
  });

  it("leaves other pages' parts alone", () => {
    expect(foreignPart({ tab: "system", q: "a", w: "b" })).toEqual({ tab: "system" });
  });
});
