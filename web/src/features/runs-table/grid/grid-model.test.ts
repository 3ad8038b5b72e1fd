import { beforeEach, describe, expect, test } from "vitest";
import { layoutColumns } from "@/data/table/columns";
import { seeded } from "@/data/view/random-view";
import { FIRST_VIEW } from "@/data/view/view";
import { groupsOf, listOf, pressed, runCalled, selectedNames, turn } from "@/testing/listed-runs";
import { clearSelection, selectedIds } from "../../runs/actions/run-selection";
import type { Runs } from "../../runs/use-runs";
import { createViewStore, NO_BASE } from "../../view/held-view";
import { columnIdAt, gridLayout, namePx, nColumns } from "./grid-layout";
import { GridModel, type GridSeen } from "./grid-model";

const PROJECT = { entity: "me", project: "grid" };
const TEN = Array.from({ length: 10 }, (_, i) => `run-${i}`);
const layout = gridLayout(
  layoutColumns([{ column: "state", kinds: { text: 9 }, n_runs: 9 }], {
    ...FIRST_VIEW.table,
    pinned: ["tags"],
    shown: ["user", "notes"],
  }),
  namePx({}, 10, 1440),
);
const LAST = nColumns(layout) - 1;
const columnOf = (id: string) =>
  Array.from({ length: LAST + 1 }, (_, i) => i).find((i) => columnIdAt(layout, i) === id)!;

/** Actions of the grid outside itself, in order. */
type Deed = readonly [string, ...unknown[]];

function gridOf(runs: Runs, values: Readonly<Record<string, unknown>> = {}) {
  const deeds: Deed[] = [];
  const note =
    (name: string) =>
    (...args: unknown[]) =>
      void deeds.push([name, ...args]);
  const view = createViewStore(FIRST_VIEW, NO_BASE);
  const parts = new Map(TEN.map((name) => [`id-${name}`, [{ ...runCalled(name), values }]]));
  const seen: GridSeen = {
    project: PROJECT,
    runs,
    layout,
    rows: { first: 0, end: runs.nRows },
    parts,
    mayWrite: true,
    readView: () => view.getState().view,
    setView: view.set,
    nSelectedIn: () => 0,
    get nSelected() {
      return selectedIds(PROJECT).size;
    },
    pageRows: () => 4,
    showCell: () => {},
    takeFocus: note("focus"),
    openRun: ({ name }) => deeds.push(["open", name]),
    turnStar: ({ name }) => deeds.push(["star", name]),
    selectAll: note("select all"),
    openHeadMenu: note("head menu"),
    openRunMenu: ({ name }, row) => deeds.push(["menu", name, row]),
    shiftColumn: note("shift"),
    copy: note("copy"),
    save: ({ name }, ...edit) => deeds.push(["save", name, ...edit]),
  };
  const grid = new GridModel(seen);
  return {
    grid,
    deeds,
    see: (part: Partial<GridSeen>) => grid.see({ ...seen, ...part }),
    view: () => view.getState().view,
    cursor: () => grid.store.getState().cursor,
    press: (...keys: string[]) => keys.map((key) => grid.press(pressed(key))),
  };
}

beforeEach(clearSelection);

describe("the cursor", () => {
  test("moves by cells, pages and to the ends", () => {
    const { press, cursor } = gridOf(listOf(TEN));
    press("ArrowDown", "ArrowDown", "ArrowRight");
    expect(cursor()).toEqual({ row: 2, column: 1 });
    press("PageDown");
    expect(cursor().row).toBe(6);
    press("Control+ArrowDown", "End");
    expect(cursor()).toEqual({ row: 9, column: LAST });
    press("PageUp", "Control+ArrowLeft");
    expect(cursor()).toEqual({ row: 5, column: 0 });
    press("Control+Home", "ArrowUp");
    expect(cursor()).toEqual({ row: -1, column: 0 });
  });

  test("stays in the grid wherever keys lead it", () => {
    const random = seeded(7);
    const keys = ["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End", "PageDown", "PageUp"];
    const { press, cursor, see } = gridOf(listOf(TEN));
    let nRows = TEN.length;
    for (let n = 0; n < 3000; n++) {
      if (random() < 0.02) {
        nRows = 1 + Math.floor(random() * TEN.length);
        see({ runs: listOf(TEN.slice(0, nRows)) });
      }
      const key = keys[Math.floor(random() * keys.length)]!;
      press(random() < 0.2 ? `Control+${key}` : key);
      const { row, column } = cursor();
      expect(row).toBeGreaterThanOrEqual(-1);
      expect(row).toBeLessThan(nRows);
      expect(column).toBeGreaterThanOrEqual(0);
      expect(column).toBeLessThanOrEqual(LAST);
    }
  });

  test("begins at the first row of another question, in its column, and stays in the head", () => {
    const { grid, press, cursor } = gridOf(listOf(TEN));
    press("PageDown", "End");
    grid.begin();
    expect(cursor()).toEqual({ row: 0, column: LAST });
    press("ArrowUp");
    grid.begin();
    expect(cursor().row).toBe(-1);
  });

  test("leaves keys alone that mean nothing here", () => {
    const { press, deeds } = gridOf(listOf(TEN));
    expect(press("q", "a", "Control+s", "Control+x", "Control+m", "Tab")).toEqual(Array(6).fill(false));
    press("ArrowUp");
    expect(press(" ", "F2", "s")).toEqual([false, false, false]);
    expect(deeds).toEqual([]);
  });
});

describe("selecting", () => {
  test("x selects a run, and lets it go", async () => {
    const { press } = gridOf(listOf(TEN));
    press("x", "ArrowDown", "x", "ArrowUp", "x");
    expect(await selectedNames(PROJECT)).toEqual(["run-1"]);
  });

  test("Shift and arrows select all runs that the cursor passes, wherever it began", async () => {
    const random = seeded(11);
    for (let round = 0; round < 40; round++) {
      clearSelection();
      const { press, cursor } = gridOf(listOf(TEN));
      for (let n = Math.floor(random() * 10); n > 0; n--) press("ArrowDown");
      const from = cursor().row;
      let [low, high] = [from, from];
      for (let n = 1 + Math.floor(random() * 6); n > 0; n--) {
        press(random() < 0.5 ? "Shift+ArrowDown" : "Shift+PageUp");
        await turn();
        low = Math.min(low, cursor().row);
        high = Math.max(high, cursor().row);
      }
      expect(await selectedNames(PROJECT)).toEqual(TEN.slice(low, high + 1));
    }
  });

  test("Shift and an arrow into the head select nothing", async () => {
    const { press } = gridOf(listOf(TEN));
    press("Shift+ArrowUp");
    expect(await selectedNames(PROJECT)).toEqual([]);
  });

  test("all are selected, and let go when all are", () => {
    const { press, deeds, see } = gridOf(listOf(["run-0"]));
    press("Control+a");
    expect(deeds).toEqual([["select all"]]);
    press("x");
    see({ runs: listOf(["run-0"]) });
    press("Control+a");
    expect(selectedIds(PROJECT).size).toBe(0);
  });

  test("Escape lets all go", () => {
    const { press } = gridOf(listOf(TEN));
    press("x", "Escape");
    expect(selectedIds(PROJECT).size).toBe(0);
  });
});

describe("editing", () => {
  const VALUES = { tags: ["a"], notes: null, state: "failed" };

  test("Enter opens the run of a name, edits notes, and opens from what is not edited", () => {
    const { grid, press, deeds } = gridOf(listOf(TEN), VALUES);
    press("Enter");
    grid.go({ row: 1, column: columnOf("state") });
    press("Enter");
    expect(deeds).toEqual([
      ["open", "run-0"],
      ["open", "run-1"],
    ]);
    grid.go({ row: 2, column: columnOf("notes") });
    press("Enter");
    expect(grid.store.getState().editing).toMatchObject({ row: 2, value: null, run: { name: "run-2" } });
  });

  test("a value that is on its way is not edited, and the page is not left", () => {
    const { grid, press, deeds } = gridOf(listOf(TEN), { tags: ["a"] });
    grid.go({ row: 2, column: columnOf("notes") });
    press("Enter");
    expect(grid.store.getState().editing).toBeNull();
    expect(deeds).toEqual([]);
  });

  test("what is kept is saved with what was there, and Tab leads to the next column", () => {
    const { grid, press, deeds, cursor } = gridOf(listOf(TEN), VALUES);
    press("F2");
    grid.endEdit("better", 1);
    expect(deeds).toEqual([["focus"], ["save", "run-0", "name", "run-0", "better"]]);
    expect(cursor()).toEqual({ row: 0, column: 1 });
    expect(grid.store.getState().editing).toBeNull();
  });

  test("what is given up saves nothing", () => {
    const { grid, press, deeds } = gridOf(listOf(TEN), VALUES);
    press("F2");
    grid.endEdit(undefined, 0);
    expect(deeds).toEqual([["focus"]]);
  });

  test("the first click into a cell goes there, the second edits; a name only by a double click", () => {
    const { grid, cursor } = gridOf(listOf(TEN), VALUES);
    const notes = { row: 3, column: columnOf("notes") };
    grid.click(notes);
    expect(cursor()).toEqual(notes);
    expect(grid.store.getState().editing).toBeNull();
    grid.click(notes);
    expect(grid.store.getState().editing).toMatchObject(notes);
    grid.endEdit(undefined, 0);
    grid.click({ row: 3, column: 0 });
    grid.click({ row: 3, column: 0 });
    expect(grid.store.getState().editing).toBeNull();
  });

  test("a run is renamed in the row where it is by then", () => {
    const { grid, see } = gridOf(listOf(TEN), VALUES);
    see({ runs: listOf(["newer", ...TEN]), rows: { first: 0, end: 11 } });
    grid.rename("id-run-4");
    expect(grid.store.getState().editing).toMatchObject({ row: 5, column: 0, value: "run-4" });
  });

  test("the value of the cell is copied", () => {
    const { grid, press, deeds } = gridOf(listOf(TEN), VALUES);
    press("Control+c");
    grid.go({ row: 0, column: columnOf("state") });
    press("Control+c");
    expect(deeds).toEqual([
      ["copy", "run-0"],
      ["copy", "failed"],
    ]);
  });
});

describe("rows, groups and the head", () => {
  const GROUPS = { adam: ["run-0", "run-1"], sgd: ["run-2"] };

  test("arrows and Enter open and close a group", () => {
    const { press, see, view, cursor } = gridOf(groupsOf(GROUPS, []));
    press("ArrowRight");
    expect(view().openGroups).toEqual(['["adam"]']);
    see({ runs: groupsOf(GROUPS, ["adam"]) });
    press("ArrowRight");
    expect(cursor()).toEqual({ row: 0, column: 1 });
    press("Home", "ArrowLeft");
    expect(view().openGroups).toEqual([]);
  });

  test("space closes an eye, of a run or of a group", () => {
    const { press, view } = gridOf(groupsOf(GROUPS, ["adam"]));
    press(" ");
    expect(view().hiddenGroups).toEqual(['["adam"]']);
    press("Control+ArrowDown", " ");
    expect(view().hiddenGroups).toEqual(['["adam"]', '["sgd"]']);
    press("ArrowUp", " ");
    expect(view().selection.on).toEqual(["id-run-1"]);
  });

  test("the head has menus, and moves columns with Shift", () => {
    const { press, deeds } = gridOf(listOf(TEN));
    press("ArrowUp", "Enter", "Shift+ArrowRight", "ArrowRight", "m", "Shift+ArrowLeft");
    expect(deeds).toEqual([
      ["head menu", "name"],
      ["head menu", "tags"],
      ["shift", "tags", -1],
    ]);
  });

  test("m and s are of the run in the row", () => {
    const { press, deeds } = gridOf(listOf(TEN));
    press("ArrowDown", "m", "s");
    expect(deeds).toEqual([
      ["menu", "run-1", 1],
      ["star", "run-1"],
    ]);
  });
});

test("has a column for names as wide as they need, up to a part of a wide page", () => {
  expect([4, 40, 90].map((letters) => namePx({}, letters, 1440))).toEqual([252, 384, 400]);
  expect(namePx({}, 90, 960)).toBe(288);
  expect(namePx({ name: 300 }, 90, 1440)).toBe(300);
  // in groups names begin further right
  expect([0, 1, 2].map((nLevels) => namePx({}, 40, 1440, nLevels))).toEqual([384, 396, 408]);
});
