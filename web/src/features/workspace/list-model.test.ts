import { beforeEach, describe, expect, test } from "vitest";
import { seeded } from "@/data/view/random-view";
import { FIRST_VIEW } from "@/data/view/view";
import { groupsOf, listOf, pressed, runCalled, selectedNames } from "@/testing/listed-runs";
import { clearSelection } from "../runs/actions/run-selection";
import type { Runs } from "../runs/use-runs";
import { createViewStore, NO_BASE } from "../view/held-view";
import { ListModel, type ListSeen } from "./list-model";

const PROJECT = { entity: "me", project: "list" };
const TEN = Array.from({ length: 10 }, (_, i) => `run-${i}`);
const GROUPS = { adam: ["run-0", "run-1"], sgd: ["run-2"] };

function listModelOf(runs: Runs) {
  const deeds: (readonly [string, ...unknown[]])[] = [];
  const view = createViewStore(FIRST_VIEW, NO_BASE);
  const seen: ListSeen = {
    project: PROJECT,
    runs,
    mayWrite: true,
    readView: () => view.getState().view,
    setView: view.set,
    nSelectedIn: () => 0,
    pageRows: () => 4,
    showRow: (index) => deeds.push(["show", index]),
    takeFocus: () => deeds.push(["focus"]),
    openRun: ({ name }) => deeds.push(["open", name]),
    turnStar: ({ name }) => deeds.push(["star", name]),
    selectAll: () => deeds.push(["select all"]),
    openRunMenu: ({ name }, row) => deeds.push(["menu", name, row]),
    openGroupMenu: ({ values }, row) => deeds.push(["group menu", ...values, row]),
    rename: ({ name }, next) => deeds.push(["rename", name, next]),
  };
  const list = new ListModel(seen);
  return {
    list,
    view: () => view.getState().view,
    see: (next: Runs) => list.see({ ...seen, runs: next }),
    press: (...keys: string[]) => keys.map((key) => list.press(pressed(key))),
    /** Actions outside the list since the last call, except scrolling. */
    done: () => deeds.splice(0).filter(([name]) => name !== "show"),
    scrolledTo: () => deeds.findLast(([name]) => name === "show")?.[1],
  };
}

beforeEach(clearSelection);

describe("the row of the keyboard", () => {
  test("moves by rows, pages and to the ends, and is scrolled into view", () => {
    const { list, press, scrolledTo } = listModelOf(listOf(TEN));
    press("ArrowDown", "PageDown");
    expect([list.row, scrolledTo()]).toEqual([5, 5]);
    press("End", "ArrowDown");
    expect(list.row).toBe(9);
    press("PageUp");
    expect(list.row).toBe(5);
    press("Home", "ArrowUp");
    expect([list.row, scrolledTo()]).toEqual([0, 0]);
  });

  test("is the last one of a list that has become shorter, also after any keys", () => {
    const random = seeded(3);
    const keys = ["ArrowDown", "ArrowUp", "Home", "End", "PageDown", "PageUp", "ArrowLeft", "ArrowRight"];
    const { list, press, see } = listModelOf(listOf(TEN));
    let nRows = TEN.length;
    for (let n = 0; n < 2000; n++) {
      if (random() < 0.05) {
        nRows = 1 + Math.floor(random() * TEN.length);
        see(listOf(TEN.slice(0, nRows)));
      }
      press(keys[Math.floor(random() * keys.length)]!);
      expect(list.row).toBeGreaterThanOrEqual(0);
      expect(list.row).toBeLessThan(nRows);
    }
  });

  test("goes from a run to its group by the left arrow", () => {
    const { list, press } = listModelOf(groupsOf(GROUPS, ["adam"]));
    press("ArrowDown", "ArrowDown", "ArrowLeft");
    expect(list.row).toBe(0);
  });

  test("leaves keys alone that mean nothing here", () => {
    const { press, done } = listModelOf(listOf(TEN));
    expect(press("q", "a", "Control+s", "Control+ArrowDown", "Tab")).toEqual(Array(5).fill(false));
    expect(done()).toEqual([]);
  });
});

describe("runs and groups", () => {
  test("Enter opens a run, opens and closes a group, and lists more groups", () => {
    const requested: unknown[] = [];
    const { press, view, see, done } = listModelOf({
      ...groupsOf(GROUPS, ["sgd"], 7),
      showMore: (under) => requested.push(under),
    });
    press("Enter");
    expect(view().openGroups).toEqual(['["adam"]']);
    press("ArrowDown", "ArrowDown", "Enter");
    expect(done()).toEqual([["open", "run-2"]]);
    press("ArrowDown", "Enter");
    expect(requested).toEqual([[]]);
    see(groupsOf(GROUPS, ["adam"]));
    press("Home", "Enter");
    expect(view().openGroups).toEqual([]);
  });

  test("arrows open and close a group only where it is the other way", () => {
    const { press, view, see } = listModelOf(groupsOf(GROUPS, []));
    expect(press("ArrowLeft")).toEqual([false]);
    press("ArrowRight");
    expect(view().openGroups).toEqual(['["adam"]']);
    see(groupsOf(GROUPS, ["adam"]));
    expect(press("ArrowRight")).toEqual([false]);
    press("ArrowLeft");
    expect(view().openGroups).toEqual([]);
  });

  test("keys open the menus of what is in the row, star a run and close its eye", () => {
    const { press, done, view } = listModelOf(groupsOf(GROUPS, ["adam"]));
    press("m", "s", "ArrowDown", "m", "s", " ");
    expect(done()).toEqual([
      ["group menu", "adam", 0],
      ["menu", "run-0", 1],
      ["star", "run-0"],
    ]);
    expect(view().selection.off).toEqual(["id-run-0"]);
  });

  test("a run that is on its way has an eye, a menu and a page only once it is here", () => {
    const { press, done, view } = listModelOf(listOf(TEN, (name) => name !== "run-0"));
    expect(press("Enter", "x", "m", "s", "F2")).toEqual(Array(5).fill(false));
    press(" ");
    expect(view().selection).toEqual(FIRST_VIEW.selection);
    expect(done()).toEqual([]);
  });

  test("a new name is handed on, and one that is given up is not; the list has the keys again", () => {
    const { list, press, done } = listModelOf(listOf(TEN));
    press("F2");
    expect(list.store.getState().renaming).toBe("id-run-0");
    const run = runCalled("run-0");
    list.endRename(run, "best");
    expect(list.store.getState().renaming).toBeNull();
    list.endRename(run, null);
    expect(done()).toEqual([["rename", "run-0", "best"], ["focus"], ["focus"]]);
  });
});

describe("selecting", () => {
  test("x selects a run, Control+a all, Escape none", async () => {
    const { press, done } = listModelOf(listOf(TEN));
    press("x", "ArrowDown", "x", "Control+a");
    expect(await selectedNames(PROJECT)).toEqual(["run-0", "run-1"]);
    expect(done()).toEqual([["select all"]]);
    press("Escape");
    expect(await selectedNames(PROJECT)).toEqual([]);
  });

  test("Shift and keys select all rows on the way, groups left out", async () => {
    const { press } = listModelOf(groupsOf(GROUPS, ["adam", "sgd"]));
    press("ArrowDown", "Shift+End");
    expect(await selectedNames(PROJECT)).toEqual(["run-0", "run-1", "run-2"]);
  });

  test("Shift and a click select from the run before, though newer ones have moved it", async () => {
    const { list, press, see } = listModelOf(listOf(TEN));
    press("ArrowDown", "ArrowDown", "x");
    see(listOf(["newer", ...TEN]));
    list.select(runCalled("run-4"), 5, true);
    expect(await selectedNames(PROJECT)).toEqual(["run-2", "run-3", "run-4"]);
  });
});
