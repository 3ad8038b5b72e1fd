import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { FIRST_VIEW, groupId } from "@/data/view/view";
import type { Runs } from "@/features/runs/use-runs";
import { groupsOf, listOf, runCalled } from "@/testing/listed-runs";
import { renderPage } from "@/testing/render";
import { NothingShown } from "./nothing-shown";

function hiddenList(n: number): Runs {
  const names = Array.from({ length: n }, (_, i) => `run-${i}`);
  return { ...listOf(names), firstPage: names.map(runCalled) };
}

const NONE = { base: "none", on: [], off: [] } as const;
const press = (name: string) => screen.getByRole("button", { name });

describe("where all listed runs are hidden, the charts' place", () => {
  it("offers the one run that a link or a search led to, and leaves the choice of others", async () => {
    const selection = { base: "newest", on: [], off: ["other", "id-run-0"] } as const;
    const { user, view } = await renderPage(<NothingShown runs={hiddenList(1)} />, {
      view: { ...FIRST_VIEW, runSearch: "run-0", selection },
    });
    expect(screen.getByText("run-0 is hidden")).toBeDefined();
    expect(screen.getAllByRole("button")).toHaveLength(1);
    await user.click(press("Show this run"));
    expect(view().selection).toEqual({ base: "newest", on: ["id-run-0"], off: ["other"] });
  });

  it("offers all of a few", async () => {
    const few = await renderPage(<NothingShown runs={hiddenList(3)} />, {
      view: { ...FIRST_VIEW, selection: NONE },
    });
    expect(screen.getByText("All 3 runs are hidden")).toBeDefined();
    await few.user.click(press("Show these 3 runs"));
    expect(few.view().selection.on).toHaveLength(3);
  });

  it("offers the newest, or all, of many", async () => {
    const { user, view } = await renderPage(<NothingShown runs={hiddenList(94)} />, {
      view: { ...FIRST_VIEW, selection: NONE },
    });
    await user.click(press("Show all 94"));
    expect(view().selection.base).toBe("all");
    await user.click(press("Show the newest 10"));
    expect(view().selection).toEqual(FIRST_VIEW.selection);
  });

  it("opens the eyes of groups, too", async () => {
    const list = groupsOf({ adam: ["a"], sgd: ["b"] }, []);
    const runs = { ...list, request: { ...list.request, by: ["config.opt"] } };
    const hiddenGroups = [groupId(["adam"]), groupId(["sgd"])];
    const { user, view } = await renderPage(<NothingShown runs={runs} />, {
      view: { ...FIRST_VIEW, groupBy: ["config.opt"], hiddenGroups },
    });
    await user.click(press("Show these 2 groups"));
    expect(view().hiddenGroups).toEqual([]);
  });
});

it("where no run matches, each that narrows the list can be cleared", async () => {
  const { user, view } = await renderPage(<NothingShown runs={hiddenList(0)} />, {
    view: { ...FIRST_VIEW, runSearch: "x", filter: "name = y" },
  });
  await user.click(press("Clear filter"));
  expect(view()).toMatchObject({ runSearch: "x", filter: "" });
  await user.click(press("Clear search"));
  expect(view().runSearch).toBe("");
});
