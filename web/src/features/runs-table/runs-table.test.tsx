import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { FIRST_VIEW, type View } from "@/data/view/view";
import { renderPage, undo } from "@/testing/render";
import { FakeServer, fakeRun, PROJECT, problem } from "@/testing/server";
import { clearSelection, selectedIds } from "../runs/actions/run-selection";
import { leftByKey } from "../runs/return-row";
import { RunsTable } from "./runs-table-page";

function serve(n = 6): FakeServer {
  return new FakeServer(
    Array.from({ length: n }, (_, i) =>
      fakeRun(`run-${i}`, {
        notes: i === 1 ? "good" : null,
        values: { "config.lr": i / 10, "config.optimizer": ["adam", "sgd"][i % 2], "summary.loss": i },
      }),
    ),
  );
}

async function openTable(view: Partial<View> = {}) {
  const page = await renderPage(<RunsTable {...PROJECT} />, { view, path: "/me/vision/runs" });
  const grid = await screen.findByRole("treegrid");
  return { ...page, grid };
}

const cell = (row: number, column: string) =>
  waitFor(() => {
    const cell = document.getElementById(`cell-${row}-${column}`);
    if (!cell) throw new Error(`no cell ${column} in row ${row}`);
    return cell;
  });
const selected = () => [...selectedIds(PROJECT)].map((id) => id.replace("id-", "")).sort();

beforeEach(() => {
  clearSelection();
  leftByKey.run = null;
});

test("the grid has a head, rows of runs and their values", async () => {
  serve();
  const { grid } = await openTable();
  expect(grid.getAttribute("aria-rowcount")).toBe("8");
  expect((await cell(2, "name")).textContent).toContain("run-2");
  await waitFor(async () => expect((await cell(2, "config.optimizer")).textContent).toBe("adam"));
  expect(screen.getByText("6 runs")).toBeTruthy();
});

test("state and reason of a failed run lead to the errors in its log, those of a lost machine nowhere", async () => {
  new FakeServer([
    fakeRun("a", { state: "failed", values: { reason: "ValueError: loss is NaN" } }),
    fakeRun("b", { state: "crashed", values: { reason: "no heartbeat" } }),
    fakeRun("c"),
  ]);
  await openTable({ table: { ...FIRST_VIEW.table, shown: ["state", "reason"] } });
  const linkIn = async (row: number, column: string) => (await cell(row, column)).querySelector("a");
  await waitFor(async () => expect(await linkIn(0, "state")).not.toBeNull());
  for (const column of ["state", "reason"]) {
    const href = (await linkIn(0, column))!.getAttribute("href");
    expect(href).toMatch(/^\/me\/vision\/runs\/id-a\/logs\?level=.*error/);
    expect(await linkIn(1, column)).toBeNull();
    expect(await linkIn(2, column)).toBeNull();
  }
  expect((await linkIn(0, "state"))!.title).toBe("failed: ValueError: loss is NaN");
  expect((await cell(1, "state")).querySelector(".stt")!.getAttribute("title")).toBe("crashed: no heartbeat");
  expect((await cell(0, "reason")).textContent).toBe("ValueError: loss is NaN");
});

test("keys move the cursor; Enter in a head opens its menu, which sorts", async () => {
  serve();
  const { user, grid, view } = await openTable();
  await cell(0, "name");
  grid.focus();
  await user.keyboard("{ArrowDown}{ArrowDown}{ArrowRight}");
  expect(grid.getAttribute("aria-activedescendant")).toMatch(/^cell-2-/);
  await user.keyboard("{Control>}{Home}{/Control}{ArrowUp}{Enter}");
  expect(grid.getAttribute("aria-activedescendant")).toBe("head-name");
  await user.click(await screen.findByRole("menuitem", { name: /Sort Z to A/ }));
  expect(view().order).toEqual([{ column: "name", descending: true }]);
});

test("back from the page of a run that a key has opened, the keys go on at its row", async () => {
  serve();
  const { user, grid, path } = await openTable();
  await cell(0, "name");
  grid.focus();
  await user.keyboard("{ArrowDown}{ArrowDown}{Enter}");
  await waitFor(() => expect(path()).toBe("/me/vision/runs/id-run-2"));
  cleanup();
  const again = await openTable();
  await waitFor(() => expect(document.activeElement).toBe(again.grid));
  expect(again.grid.getAttribute("aria-activedescendant")).toBe("cell-2-name");
});

test("a cell is edited by a double click: at once, on the server, with a way back", async () => {
  const server = serve();
  const { user } = await openTable({ table: { ...FIRST_VIEW.table, shown: ["notes"] } });
  await waitFor(async () => expect((await cell(1, "notes")).textContent).toBe("good"));
  await user.dblClick(await cell(1, "notes"));
  const field = screen.getByRole("textbox", { name: "Notes of run-1" });
  expect(document.activeElement).toBe(field);
  await user.clear(field);
  await user.type(field, "best{Enter}");
  expect((await cell(1, "notes")).textContent).toBe("best");
  await undo(user, "run-1: notes changed");
  await waitFor(async () => expect((await cell(1, "notes")).textContent).toBe("good"));
  expect(server.bodies("PATCH", "runs/id-run-1")).toEqual([{ notes: "best" }, { notes: "good" }]);
});

test("Escape in a cell of tags drops what is typed, and no tag that was added", async () => {
  const server = serve();
  const { user, grid } = await openTable({ table: { ...FIRST_VIEW.table, shown: ["tags"] } });
  await user.dblClick(await cell(1, "tags"));
  const field = screen.getByRole("combobox", { name: "Tags of run-1" });
  await user.type(field, "paper{Enter}half{Escape}");
  expect(document.activeElement).toBe(grid);
  await waitFor(() => expect(server.bodies("PATCH", "runs/id-run-1")).toEqual([{ tags: ["paper"] }]));
});

test("results are offered as sort keys before the config", async () => {
  serve();
  const { user } = await openTable();
  await user.click(screen.getByRole("button", { name: "Sort" }));
  await screen.findByRole("option", { name: /summary.loss/ });
  expect(screen.getAllByRole("option").map(({ textContent }) => textContent)).toEqual([
    expect.stringContaining("summary.loss"),
    expect.stringContaining("config.lr"),
    expect.stringContaining("config.optimizer"),
  ]);
});

test("Tab keeps an edit and goes to the next cell; the grid has the keys", async () => {
  const server = serve();
  const { user, grid } = await openTable();
  await cell(0, "name");
  grid.focus();
  await user.keyboard("{F2}");
  await user.keyboard("first{Tab}");
  expect(document.activeElement).toBe(grid);
  expect(grid.getAttribute("aria-activedescendant")).toMatch(/^cell-0-(?!name)/);
  await waitFor(() => expect(server.bodies("PATCH", "runs/id-run-0")).toEqual([{ name: "first" }]));
});

test("an edit that the server refuses is taken back, with the reason", async () => {
  const server = serve();
  server.on("PATCH", "runs/id-run-0", () => problem(400, "invalid", "the name is too long"));
  const { user, grid } = await openTable();
  await cell(0, "name");
  grid.focus();
  await user.keyboard("{F2}");
  await user.keyboard("best{Enter}");
  await screen.findByText("Could not rename run-0: the name is too long");
  expect((await cell(0, "name")).textContent).toContain("run-0");
});

test("boxes select, Shift those between, and the box of the head all and none", async () => {
  serve();
  const { user } = await openTable();
  await cell(0, "name");
  await user.click(screen.getByRole("checkbox", { name: "Select run-1" }));
  await user.keyboard("{Shift>}");
  await user.click(screen.getByRole("checkbox", { name: "Select run-3" }));
  await user.keyboard("{/Shift}");
  await waitFor(() => expect(selected()).toEqual(["run-1", "run-2", "run-3"]));
  const all = screen.getByRole<HTMLInputElement>("checkbox", { name: "Select all runs" });
  expect(all.indeterminate).toBe(true);
  await user.click(all);
  await waitFor(() => expect(selected()).toHaveLength(6));
  await user.click(all);
  expect(selected()).toEqual([]);
});

test("groups open in the grid, and their box selects all of their runs", async () => {
  serve();
  const { user, view } = await openTable({ groupBy: ["config.optimizer"] });
  const group = await cell(0, "name");
  expect(group.textContent).toContain("adam");
  await user.click(within(group).getByRole("button", { name: /adam 3 runs/ }));
  expect(view().openGroups).toEqual(['["adam"]']);
  await waitFor(async () => expect((await cell(1, "name")).textContent).toContain("run-0"));
  await user.click(screen.getByRole("checkbox", { name: "Select the runs of sgd" }));
  await waitFor(() => expect(selected()).toEqual(["run-1", "run-3", "run-5"]));
});

test("the run time of a group is the mean of its runs, and says so; its time is that of its newest run", async () => {
  const server = serve();
  const now = Date.now() * 1000;
  server.on("POST", "runs/groups", ({ body }) => ({
    groups: [
      {
        values: ["adam"],
        n_runs: 3,
        aggregates: (body.aggregates as { column: string; function: string }[]).map((aggregate) => {
          if (aggregate.column === "created") return now - (aggregate.function === "max" ? 2.5 : 5) * 3600e6;
          return aggregate.column === "runtime" ? 40 : null;
        }),
        groups: [],
      },
    ],
    total: 1,
  }));
  await openTable({ groupBy: ["config.optimizer"] });
  const runtime = await cell(0, "runtime");
  await waitFor(() => expect(runtime.textContent).toBe("40 s mean"));
  expect(within(runtime).getByTitle("2 min of 3 runs together")).toBeTruthy();
  expect((await cell(0, "created")).textContent).toBe("2 h");
});

test("the mean of a group is over the same runs as in the workspace's list: all that have a value", async () => {
  const server = serve();
  const filters: unknown[] = [];
  server.on("POST", "runs/groups", ({ body }) => {
    filters.push(body.filter);
    return { groups: [{ values: ["adam"], n_runs: 3, aggregates: [], groups: [] }], total: 1 };
  });
  await openTable({ groupBy: ["config.optimizer"] });
  await cell(0, "runtime");
  await waitFor(() => expect(filters.length).toBeGreaterThan(2));
  expect(filters.every((filter) => filter === undefined)).toBe(true);
});

test("a column is hidden and pinned by its menu", async () => {
  serve();
  const { user, view } = await openTable();
  await cell(0, "config.lr");
  const choose = async (name: string) => {
    await user.click(within(document.getElementById("head-config.lr")!).getByRole("button", { name: /lr/ }));
    await user.click(await screen.findByRole("menuitem", { name }));
  };
  await choose("Pin to the left");
  expect(view().table.pinned).toEqual(["config.lr"]);
  await choose("Hide column");
  expect(view().table.hidden).toEqual(["config.lr"]);
  await waitFor(() => expect(document.getElementById("head-config.lr")).toBeNull());
});

test("while the runs are on their way, a grid without values stands in their place", async () => {
  const server = serve();
  const release = server.hold("POST", "runs/query");
  await renderPage(<RunsTable {...PROJECT} />, { path: "/me/vision/runs" });
  expect(screen.queryByRole("treegrid")).toBeNull();
  expect(screen.getByRole("status", { name: "Loading runs" })).toBeTruthy();
  release();
  await screen.findByRole("treegrid");
});

test("a project without runs tells how to log one", async () => {
  serve(0);
  await renderPage(<RunsTable {...PROJECT} />, { path: "/me/vision/runs" });
  await screen.findByRole("heading", { name: "No runs in vision yet" });
});

test("a search that finds nothing is cleared by its button", async () => {
  serve();
  const { user, view } = await renderPage(<RunsTable {...PROJECT} />, {
    view: { runSearch: "zzz" },
    path: "/me/vision/runs",
  });
  await screen.findByText("No run matches");
  screen.getByText("No run of the project fits the search.");
  await user.click(screen.getByText("Clear search"));
  expect(view().runSearch).toBe("");
  await screen.findByRole("treegrid");
});

test("runs that could not be read are asked for again", async () => {
  const server = serve();
  let isBroken = true;
  const rows = server.answer.bind(server);
  server.on("POST", "runs/query", (request) =>
    isBroken ? problem(500, "error", "the disk is full") : rows(request),
  );
  const { user } = await renderPage(<RunsTable {...PROJECT} />, { path: "/me/vision/runs" });
  await screen.findByText("the disk is full");
  isBroken = false;
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await screen.findByRole("treegrid");
});
