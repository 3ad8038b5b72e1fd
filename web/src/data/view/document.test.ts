import { describe, expect, it } from "vitest";
import { documentOf, isSameView, mergeViews } from "./document";
import { makePanel } from "./panel";
import { randomJson, randomView, seeded } from "./random-view";
import { readView } from "./read";
import { change, FIRST_VIEW, type View } from "./view";

describe("the document of a view", () => {
  it("is empty for the first view", () => {
    expect(documentOf(FIRST_VIEW)).toEqual({});
    expect(readView({})).toEqual(FIRST_VIEW);
  });

  it("gives back what lasts of any view", () => {
    for (let seed = 0; seed < 500; seed++) {
      const view = randomView(seeded(seed));
      const back = readView(JSON.parse(JSON.stringify(documentOf(view))));
      expect(isSameView(back, view), `seed ${seed}`).toBe(true);
      expect(back.zoom).toEqual({});
      expect(documentOf(back)).toEqual(documentOf(view));
    }
  });

  it("reads anything, and a second time the same", () => {
    for (let seed = 0; seed < 500; seed++) {
      const random = seeded(seed);
      const document = JSON.parse(JSON.stringify(randomView(random)));
      // spoil some of it
      for (const key of Object.keys(document)) if (random() < 0.3) document[key] = randomJson(random, 3);
      for (const panel of Object.values(document.panels ?? {}) as Record<string, unknown>[])
        if (panel && typeof panel === "object")
          for (const key of Object.keys(panel)) if (random() < 0.2) panel[key] = randomJson(random, 2);
      const view = readView(document);
      expect(Object.keys(view).sort()).toEqual(Object.keys(FIRST_VIEW).sort());
      expect(readView(JSON.parse(JSON.stringify(view))), `seed ${seed}`).toEqual(view);
    }
  });

  it("reads the name of a setting of weft 0.2", () => {
    const settings = { hasOdd: false };
    const panel = { kind: "line", section: "val", settings };
    const view = readView({ settings, sections: { val: { settings } }, panels: { a: panel } });
    const read = [view.settings, view.sections.val?.settings, view.panels.a?.settings];
    expect(read).toEqual(Array(3).fill({ hasNonfinite: false }));
    expect(readView({ settings: { ...settings, hasNonfinite: true } }).settings.hasNonfinite).toBe(true);
  });

  it("keeps the good parts of a wrong one", () => {
    const view = readView({
      filter: "state = running",
      order: [{ column: "created", descending: true }, { column: 3 }],
      groupBy: "config.lr",
      settings: { axis: "epoch", yScale: "log", tipRows: -1 },
      panels: { a: { kind: "line", section: "val" }, b: { kind: "hologram", section: "val" }, c: null },
      newIn2031: true,
    });
    expect(view).toEqual({
      ...FIRST_VIEW,
      filter: "state = running",
      order: [{ column: "created", descending: true }],
      settings: { yScale: "log" },
      panels: { a: makePanel("a", "line", "val") },
    });
  });
});

describe("two people's changes of one view", () => {
  const a = makePanel("a", "line", "val", { keys: ["val/loss"] });
  const before: View = { ...FIRST_VIEW, filter: "state = running", panels: { a } };

  it("both hold where they are of different things", () => {
    const ours = { ...before, ...change.section(before, "val", { isOpen: false }) };
    const added = makePanel("b", "bar", "val");
    const theirs = { ...before, filter: "", panels: { ...before.panels, b: added } };
    const merged = mergeViews(before, ours, theirs);
    expect(merged).toEqual({ ...ours, filter: "", panels: { a, b: added } });
  });

  it("ours holds where they are of the same", () => {
    const ours = { ...before, ...change.panel(before, "a", { title: "ours" }) };
    const theirs = { ...before, ...change.panel(before, "a", { title: "theirs", span: 6 }) };
    expect(mergeViews(before, ours, theirs).panels.a).toEqual({ ...a, title: "ours" });
  });

  it("what one deleted is gone, unless the other changed it", () => {
    const deleted = { ...before, panels: {} };
    expect(mergeViews(before, deleted, before).panels).toEqual({});
    expect(mergeViews(before, before, deleted).panels).toEqual({});
    const changed = { ...before, ...change.panel(before, "a", { title: "new" }) };
    expect(mergeViews(before, changed, deleted).panels.a?.title).toBe("new");
  });

  it("of no change at all makes none", () => {
    for (let seed = 0; seed < 100; seed++) {
      const random = seeded(seed);
      const [first, other] = [randomView(random), randomView(random)];
      expect(isSameView(mergeViews(first, first, other), other)).toBe(true);
      expect(isSameView(mergeViews(first, other, first), other)).toBe(true);
    }
  });
});
