import { expect, test } from "vitest";
import { FIRST_VIEW, type View } from "../view/view";
import { viewOfGrid, viewOfRuns } from "./grid";
import { addRunSet, editPanels, editRunSet, editRuns, type GridMembers, removeRunSet } from "./grid-edits";
import { GRID_SECTION, readGrid } from "./read";

const MEMBERS: GridMembers = {
  panels: {
    loss: { kind: "line", keys: ["loss"], settings: { later: 1, yScale: "log" }, wandb: "x" },
    hologram: { kind: "hologram" },
    acc: { kind: "line", keys: ["acc"], span: 6 },
  },
  panelOrder: ["loss", "hologram", "acc"],
};

function viewOf(members: GridMembers): View {
  return viewOfGrid(readGrid(members, "g"));
}

function withPanel(view: View, id: string, part: object): View {
  return { ...view, panels: { ...view.panels, [id]: { ...view.panels[id]!, ...part } } };
}

function withOrder(view: View, order: readonly string[]): View {
  return { ...view, sections: { [GRID_SECTION]: { ...view.sections[GRID_SECTION], order } } };
}

test("a setting of a panel is written without what this page does not know being lost", () => {
  const before = viewOf(MEMBERS);
  const after = withPanel(before, "g.loss", { settings: { hasRaw: false }, title: "Loss" });
  const edited = editPanels(MEMBERS, "g", before, after);
  expect(edited).toEqual({
    panels: {
      ...(MEMBERS.panels as object),
      loss: {
        kind: "line",
        keys: ["loss"],
        settings: { later: 1, hasRaw: false },
        wandb: "x",
        title: "Loss",
      },
    },
  });
});

test("what is as at first is left out", () => {
  const before = viewOf(MEMBERS);
  const edited = editPanels(MEMBERS, "g", before, withPanel(before, "g.acc", { span: null, height: 300 }))!;
  expect((edited.panels as Record<string, object>).acc).toEqual({
    kind: "line",
    keys: ["acc"],
    height: 300,
  });
});

test("another order keeps panels of unknown kinds behind those that they follow", () => {
  const before = viewOf(MEMBERS);
  const after = withOrder(before, ["g.acc", "g.loss"]);
  expect(editPanels(MEMBERS, "g", before, after)).toEqual({ panelOrder: ["acc", "loss", "hologram"] });
});

test("panels are added under an id of their own, and removed", () => {
  const before = viewOf(MEMBERS);
  const copy = { ...before.panels["g.acc"]!, id: "new" };
  const added = withOrder({ ...before, panels: { ...before.panels, new: copy } }, ["g.loss", "g.acc", "new"]);
  const edited = editPanels(MEMBERS, "g", before, added)!;
  expect((edited.panels as Record<string, object>).new).toEqual({ kind: "line", keys: ["acc"], span: 6 });
  expect(edited.panelOrder).toEqual(["loss", "hologram", "acc", "new"]);
  const { "g.loss": _, ...panels } = before.panels;
  const removed = editPanels(MEMBERS, "g", before, { ...before, panels })!;
  expect(Object.keys(removed.panels as object)).toEqual(["hologram", "acc"]);
  expect(removed.panelOrder).toEqual(["hologram", "acc"]);
});

test("what a reader does to the view alone is no edit", () => {
  const before = viewOf(MEMBERS);
  expect(editPanels(MEMBERS, "g", before, { ...before, full: "g.loss", filter: "a = 1" })).toBeNull();
  expect(editPanels(MEMBERS, "g", before, { ...before, settings: { hasRaw: false } })).toEqual({
    settings: { hasRaw: false },
  });
});

test("a change of a run set writes its members that differ, and those at first are removed", () => {
  const members: GridMembers = { runSets: { a: { name: "A", filter: "x = 1", wandb: 1 } } };
  const [set] = readGrid(members, "g").runSets;
  const before: View = { ...FIRST_VIEW, ...viewOfRuns(set!) };
  const after = { ...before, filter: "", groupBy: ["config.lr"], full: "g.loss" };
  expect(editRuns(members, "a", before, after)).toEqual({
    runSets: { a: { name: "A", wandb: 1, groupBy: ["config.lr"] } },
  });
  expect(editRuns(members, "a", before, { ...before, full: "x" })).toBeNull();
});

test("a grid without run sets goes on drawing the newest runs when it gets some", () => {
  expect(editRunSet({}, "newest", { name: "All" })).toEqual({
    runSets: { newest: { selection: FIRST_VIEW.selection, name: "All" } },
  });
  const added = addRunSet({}, "g", null);
  expect(readGrid(added, "g").runSets.map(({ selection }) => selection.base)).toEqual(["newest", "all"]);
});

test("a copy of a run set stands after it, and one is removed with its place", () => {
  const members: GridMembers = {
    runSets: { a: { name: "A", project: "lab/x", later: 1 }, b: {} },
    runSetOrder: ["a", "b"],
  };
  const copied = { ...members, ...addRunSet(members, "g", readGrid(members, "g").runSets[0]!) };
  const [first, copy, last] = readGrid(copied, "g").runSets;
  expect([first?.name, copy?.name, copy?.project, last?.id]).toEqual(["A", "A (copy)", "lab/x", "b"]);
  expect((copied.runSets as Record<string, object>)[copy!.id]).toMatchObject({ later: 1 });
  expect(removeRunSet(members, "a")).toEqual({ runSets: { b: {} }, runSetOrder: ["b"] });
});
