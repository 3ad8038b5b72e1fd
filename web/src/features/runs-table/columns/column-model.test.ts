import { expect, test } from "vitest";
import type { ColumnFacts } from "@/data/table/column-facts";
import { layoutColumns } from "@/data/table/columns";
import { seeded } from "@/data/view/random-view";
import { FIRST_VIEW, type View } from "@/data/view/view";
import { createViewStore, NO_BASE } from "../../view/held-view";
import { ColumnModel } from "./column-model";

const FACTS: readonly ColumnFacts[] = [
  "config.a",
  "config.b",
  "summary.c.max",
  "summary.c.min",
  "summary.d",
].map((column) => ({ column, kinds: { number: 9 }, n_runs: 9, samples: [1, 2, 3] }));

function modelOf(first: Partial<View> = {}) {
  const store = createViewStore({ ...FIRST_VIEW, ...first }, NO_BASE);
  const view = () => store.getState().view;
  const layout = () =>
    layoutColumns(
      FACTS,
      view().table,
      view().order.map(({ column }) => column),
    );
  const model = new ColumnModel({ layout: layout(), setView: store.set });
  return {
    model,
    store,
    view,
    render: () => model.see({ layout: layout(), setView: store.set }),
    pinned: () => layout().pinned.map(({ id }) => id),
    scrolled: () => layout().scrolled.map(({ id }) => id),
  };
}

test("a column is sorted by alone, or after the others, and no more", () => {
  const { model, view } = modelOf({ order: [{ column: "config.a", descending: false }] });
  model.onSort("config.b", true, true);
  expect(view().order.map(({ column }) => column)).toEqual(["config.a", "config.b"]);
  model.onSort("config.a", true, true);
  expect(view().order).toEqual([
    { column: "config.b", descending: true },
    { column: "config.a", descending: true },
  ]);
  model.onSort("config.b", false, false);
  expect(view().order).toEqual([{ column: "config.b", descending: false }]);
  model.onUnsort("config.b");
  expect(view().order).toEqual([]);
});

test("a column that is hidden is no sort key any more, as that would show it again", () => {
  const { model, view, scrolled } = modelOf({ order: [{ column: "config.a", descending: false }] });
  model.onHide("config.a");
  expect(view().order).toEqual([]);
  expect(scrolled()).not.toContain("config.a");
});

test("another figure of a metric takes its place, also as a sort key", () => {
  const { model, view, scrolled, render } = modelOf({
    order: [{ column: "summary.c.max", descending: true }],
  });
  const index = scrolled().indexOf("summary.c.max");
  render();
  model.onInstead("summary.c.max", "summary.c.min");
  expect(scrolled()[index]).toBe("summary.c.min");
  expect(scrolled()).not.toContain("summary.c.max");
  expect(view().order).toEqual([{ column: "summary.c.min", descending: true }]);
});

test("Shift moves a column by one place, and not out of the row", () => {
  const { model, scrolled, render } = modelOf();
  const first = scrolled();
  model.onShift(first[0]!, -1);
  model.onShift("no such column", 1);
  expect(scrolled()).toEqual(first);
  model.onShift(first[0]!, 1);
  render();
  expect(scrolled()).toEqual([first[1], first[0], ...first.slice(2)]);
  model.onShift(first.at(-1)!, 1);
  expect(scrolled().at(-1)).toBe(first.at(-1));
});

test("pinned columns move among themselves", () => {
  const { model, pinned, render } = modelOf();
  for (const column of ["config.a", "config.b", "summary.d"]) model.onPin(column, true);
  render();
  model.onShift("config.a", 1);
  expect(pinned()).toEqual(["config.b", "config.a", "summary.d"]);
  model.onMove("summary.d", "config.b", true);
  expect(pinned()).toEqual(["summary.d", "config.b", "config.a"]);
  model.onPin("config.b", false);
  expect(pinned()).toEqual(["summary.d", "config.a"]);
});

test("any moves and pins leave all columns there, each once, and can be undone", () => {
  const random = seeded(5);
  const { model, store, view, pinned, scrolled, render } = modelOf();
  const all = [...pinned(), ...scrolled()].sort();
  const pick = (ids: readonly string[]) => ids[Math.floor(random() * ids.length)] ?? null;
  for (let n = 0; n < 30; n++) {
    render();
    const isPinned = random() < 0.4 && pinned().length > 1;
    const group = isPinned ? pinned() : scrolled();
    const column = pick(group)!;
    const act = random();
    if (act < 0.4) model.onMove(column, random() < 0.2 ? null : pick(group), isPinned);
    else if (act < 0.7) model.onShift(column, random() < 0.5 ? 1 : -1);
    else model.onPin(column, !isPinned);
    expect([...pinned(), ...scrolled()].sort()).toEqual(all);
  }
  while (store.getState().history.past.length > 0) store.undo();
  expect(view()).toEqual(FIRST_VIEW);
});

test("dragging a width is one step of undo; a double click forgets the width", () => {
  const { model, store, view } = modelOf();
  for (let px = 100; px < 160; px++) model.onResize("config.a", px);
  expect(view().table.widths).toEqual({ "config.a": 159 });
  expect(store.getState().history.past).toHaveLength(1);
  model.onResize("config.a", Number.NaN);
  expect(view().table.widths).toEqual({});
});

test("a format is set and taken back", () => {
  const { model, view } = modelOf();
  model.onFormat("config.a", 3);
  model.onFormat("config.b", "exp");
  model.onFormat("config.a", null);
  expect(view().table.formats).toEqual({ "config.b": "exp" });
});

test("the filter of a column opens where its menu was", () => {
  const { model } = modelOf();
  const element = { getBoundingClientRect: () => ({ left: 30, bottom: 54 }) } as Element;
  model.onMenu("config.a", element);
  model.onFilter();
  model.close();
  expect(model.windows.getState()).toEqual({
    menu: null,
    filter: { column: "config.a", left: 30, top: 54 },
    added: null,
  });
});
