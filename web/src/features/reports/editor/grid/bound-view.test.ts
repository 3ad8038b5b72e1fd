import { expect, test } from "vitest";
import * as Y from "yjs";
import { viewOfGrid } from "@/data/report/grid";
import { editPanels } from "@/data/report/grid-edits";
import { readGrid } from "@/data/report/read";
import { change } from "@/data/view/view";
import { readMembers, writeMembers } from "../members";
import { BoundView, type ViewBinding } from "./bound-view";

const BINDING: ViewBinding = {
  read(members) {
    const { settings, panels, sections } = viewOfGrid(readGrid(members, "g"));
    return { settings, panels, sections };
  },
  edit: (members, before, after) => editPanels(members, "g", before, after),
  settle: (view) => ({ edited: view.edited !== null && view.edited in view.panels ? view.edited : null }),
};

/** Two pages of one draft, and what sends the changes of each to the other. */
function twoPages() {
  const docs = [new Y.Doc(), new Y.Doc()] as const;
  writeMembers(docs[0], "grid", "g", {
    panels: { a: { kind: "line", keys: ["loss"] }, b: { kind: "line", keys: ["acc"] } },
    panelOrder: ["a", "b"],
  });
  const exchange = () => {
    for (const [from, to] of [docs, [docs[1], docs[0]]])
      Y.applyUpdate(to!, Y.encodeStateAsUpdate(from!, Y.encodeStateVector(to!)));
  };
  exchange();
  const views = docs.map((doc) => new BoundView(doc, "g", BINDING));
  for (const view of views) view.connect();
  return { docs, views, exchange };
}

test("two people who change two panels, and two members of one, all win", () => {
  const { docs, views, exchange } = twoPages();
  const [first, second] = views.map(({ store }) => store);
  first!.set((view) => change.panel(view, "g.a", { title: "Loss" }));
  first!.set((view) => change.panel(view, "g.b", { settings: { hasRaw: false } }));
  second!.set((view) => change.panel(view, "g.a", { span: 6 }));
  exchange();
  for (const doc of docs)
    expect(readMembers(doc, "grid", "g")?.panels).toEqual({
      a: { kind: "line", keys: ["loss"], title: "Loss", span: 6 },
      b: { kind: "line", keys: ["acc"], settings: { hasRaw: false } },
    });
  for (const view of views)
    expect(view.store.getState().view.panels["g.a"]).toMatchObject({ title: "Loss", span: 6 });
});

test("a copied panel has the id of the grid's panels at once, and settings of a removed one close", () => {
  const { docs, views, exchange } = twoPages();
  const [first, second] = views.map(({ store }) => store);
  const panel = first!.getState().view.panels["g.a"]!;
  first!.set(({ panels }) => ({ panels: { ...panels, copy: { ...panel, id: "copy" } } }));
  expect(Object.keys(first!.getState().view.panels).sort()).toEqual(["g.a", "g.b", "g.copy"]);
  second!.set({ edited: "g.a" });
  const { "g.a": _, ...others } = first!.getState().view.panels;
  first!.set({ panels: others });
  exchange();
  expect(second!.getState().view.edited).toBeNull();
  expect(readMembers(docs[1], "grid", "g")?.panelOrder).toEqual(["b", "copy"]);
});
