import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import type { View } from "@/data/view/view";
import { renderPage, undo } from "@/testing/render";
import { FakeServer, fakeRun, PROJECT, problem } from "@/testing/server";
import { clearSelection, selectedIds } from "../../runs/actions/run-selection";
import { leftByKey } from "../../runs/return-row";
import { useWorkspaceRuns } from "../use-workspace-runs";
import { RunRows } from "./run-rows";

function Rows() {
  return (
    <RunRows
      ref={null}
      heads={{ current: null }}
      project={PROJECT}
      listed={useWorkspaceRuns(PROJECT)}
      columns={[]}
    />
  );
}

function serve(n = 5): FakeServer {
  const optimizers = ["adam", "sgd"];
  return new FakeServer(
    Array.from({ length: n }, (_, i) =>
      fakeRun(`run-${i}`, { values: { "config.optimizer": optimizers[i % 2] } }),
    ),
  );
}

async function openRows(view: Partial<View> = {}) {
  const page = await renderPage(<Rows />, { view });
  await screen.findAllByRole("row");
  const list = screen.getByRole("treegrid");
  return { ...page, list };
}

const row = async (name: string) =>
  (await screen.findByText(name, { selector: "[role=row] *" })).closest<HTMLElement>("[role=row]")!;
const selected = () => [...selectedIds(PROJECT)].map((id) => id.replace("id-", "")).sort();
const current = (list: HTMLElement) =>
  document.getElementById(list.getAttribute("aria-activedescendant")!)?.textContent;

/** Types a new name of the first run; the last key ends it. */
async function rename({ user, list }: Awaited<ReturnType<typeof openRows>>, keys: string) {
  await row("run-0");
  list.focus();
  await user.keyboard(`{F2}${keys}`);
}

beforeEach(() => {
  clearSelection();
  leftByKey.run = null;
});

test("keys move the current row and open its run", async () => {
  serve();
  const { user, list, path } = await openRows();
  await row("run-4");
  list.focus();
  await user.keyboard("{ArrowDown}{ArrowDown}");
  expect(current(list)).toContain("run-2");
  await user.keyboard("{End}{Enter}");
  await waitFor(() => expect(path()).toBe("/me/vision/runs/id-run-4"));
});

test("back from the page of a run, the keys go on at its row", async () => {
  serve();
  const { user, list, path } = await openRows();
  await row("run-4");
  list.focus();
  await user.keyboard("{ArrowDown}{ArrowDown}{Enter}");
  await waitFor(() => expect(path()).toBe("/me/vision/runs/id-run-2"));
  cleanup();
  const again = await openRows();
  await waitFor(() => expect(document.activeElement).toBe(again.list));
  expect(current(again.list)).toContain("run-2");
});

test("of 1,000 runs only those in view are there, and the last is within reach", async () => {
  serve(1000);
  const { user, list } = await openRows();
  await row("run-0");
  expect(list.getAttribute("aria-rowcount")).toBe("1000");
  expect(within(list).getAllByRole("row").length).toBeLessThan(60);
  list.focus();
  await user.keyboard("{End}");
  await row("run-999");
});

test("boxes select runs, Shift those between, and the rows say so", async () => {
  serve();
  const { user } = await openRows();
  await user.click(within(await row("run-1")).getByRole("checkbox"));
  await user.keyboard("{Shift>}");
  await user.click(within(await row("run-3")).getByRole("checkbox"));
  await user.keyboard("{/Shift}");
  await waitFor(() => expect(selected()).toEqual(["run-1", "run-2", "run-3"]));
  expect((await row("run-2")).getAttribute("aria-selected")).toBe("true");
  expect((await row("run-4")).getAttribute("aria-selected")).toBe("false");
});

test("an eye hides its run, and space shows it again", async () => {
  serve();
  const { user, list, view } = await openRows();
  await user.click(within(await row("run-0")).getByRole("button", { name: "Show run-0" }));
  expect(view().selection.off).toEqual(["id-run-0"]);
  expect(within(await row("run-0")).getByRole("button", { name: "Show run-0", pressed: false })).toBeTruthy();
  list.focus();
  await user.keyboard(" ");
  expect(view().selection.off).toEqual([]);
});

test("a run is renamed in its row: at once, on the server, with a way back", async () => {
  const server = serve();
  const page = await openRows();
  const { user, list } = page;
  await rename(page, "");
  const field = screen.getByRole("textbox", { name: "New name of run-0" });
  expect(document.activeElement).toBe(field);
  await user.keyboard("best{Enter}");
  await row("best");
  expect(document.activeElement).toBe(list);
  expect(server.bodies("PATCH", "runs/id-run-0")).toEqual([{ name: "best" }]);
  await undo(user, "Renamed to best");
  await row("run-0");
  await screen.findByText("Renamed back to run-0");
});

test("Escape gives a new name up", async () => {
  const server = serve();
  await rename(await openRows(), "best{Escape}");
  expect(screen.queryByRole("textbox")).toBeNull();
  expect(server.bodies("PATCH", "runs/id-run-0")).toEqual([]);
});

test("a name that the server refuses is taken back, with the reason", async () => {
  const server = serve();
  server.on("PATCH", "runs/id-run-0", () => problem(400, "invalid", "the name is too long"));
  await rename(await openRows(), "best{Enter}");
  await screen.findByText("Could not rename run-0: the name is too long");
  await row("run-0");
});

test("the menu of a run stars, sets the baseline, and deletes with a way back", async () => {
  const server = serve();
  const { user, view } = await openRows();
  const open = async () =>
    user.click(within(await row("run-1")).getByRole("button", { name: "More about run-1" }));
  const choose = async (name: string) => {
    await open();
    await user.click(await screen.findByRole("menuitem", { name: new RegExp(`^${name}`) }));
  };
  await choose("Star");
  await waitFor(() => expect(server.bodies("PATCH", "runs/id-run-1")).toEqual([{ tags: ["starred"] }]));
  await choose("Set as baseline");
  expect(view().baseline).toBe("id-run-1");
  await choose("Delete");
  await waitFor(() => expect(screen.queryByText("run-1")).toBeNull());
  await undo(user, "run-1 is in the trash");
  await screen.findByText("run-1 is restored");
});

test("groups open and close, and their runs are selected together", async () => {
  serve();
  const { user, list, view } = await openRows({ groupBy: ["config.optimizer"] });
  const group = await row("adam");
  expect(group.getAttribute("aria-expanded")).toBe("false");
  await user.click(within(group).getByRole("button", { name: "Open adam" }));
  expect(view().openGroups).toEqual(['["adam"]']);
  await row("run-4");
  await user.click(within(await row("sgd")).getByRole("checkbox", { name: /Select the 2 runs/ }));
  await waitFor(() => expect(selected()).toEqual(["run-1", "run-3"]));
  list.focus();
  await user.keyboard("{Home}{ArrowLeft}");
  expect(view().openGroups).toEqual([]);
});

test("groups within groups say how many of their runs are selected, and x takes them out again", async () => {
  const sizes = [64, 64, 128];
  new FakeServer(
    sizes.map((size, i) =>
      fakeRun(`run-${i}`, { values: { "config.optimizer": "adam", "config.size": size } }),
    ),
  );
  const { user, list } = await openRows({
    groupBy: ["config.optimizer", "config.size"],
    openGroups: ['["adam"]'],
  });
  const box = (name: string) => screen.getByRole<HTMLInputElement>("checkbox", { name });
  const states = () =>
    ["Select the 3 runs of adam", "Select the 2 runs of 64", "Select the 1 run of 128"].map((name) =>
      box(name).indeterminate ? "some" : box(name).checked,
    );
  await row("128");
  expect(states()).toEqual([false, false, false]);
  await user.click(box("Select the 2 runs of 64"));
  await waitFor(() => expect(states()).toEqual(["some", true, false]));
  list.focus();
  await user.keyboard("{Home}{ArrowDown}{ArrowDown}x");
  await waitFor(() => expect(states()).toEqual([true, true, true]));
  await user.keyboard("{ArrowUp}x");
  await waitFor(() => expect(states()).toEqual(["some", false, true]));
  expect((await row("64")).getAttribute("aria-selected")).toBe("false");
});

test("the icon of a failed run says why it failed", async () => {
  new FakeServer([
    fakeRun("bad", { state: "failed", values: { reason: "ValueError: bad shape" } }),
    fakeRun("good", { values: { reason: null } }),
  ]);
  await openRows();
  expect(within(await row("bad")).getByRole("img", { name: "failed" }).title).toBe(
    "failed: ValueError: bad shape",
  );
  expect(within(await row("good")).getByRole("img", { name: "finished" }).title).toBe("finished");
});
