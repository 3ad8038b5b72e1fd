import { useQuery } from "@tanstack/react-query";
import { screen, waitFor } from "@testing-library/react";
import { expect, onTestFinished, test } from "vitest";
import { runQuery } from "@/api/runs/run";
import { renderPage, undo } from "@/testing/render";
import { FakeServer, fakeRun, PROJECT, problem } from "@/testing/server";
import { writeLastView } from "../../view/last-view";
import { NotesCard } from "../overview/notes-card";
import { ShownRunContext } from "../shown-run";
import { RunHead } from "./run-head";

const ID = "id-resnet";
const PATH = `/me/vision/runs/${ID}`;

/** The parts of the run's page that people edit. */
function Parts() {
  const run = useQuery(runQuery(PROJECT, ID)).data;
  if (!run) return null;
  return (
    <ShownRunContext value={{ project: PROJECT, run }}>
      <RunHead />
      <NotesCard />
    </ShownRunContext>
  );
}

async function openRun(part: { readonly state?: string; readonly notes?: string } = {}) {
  const server = new FakeServer([
    fakeRun("resnet", { tags: ["baseline"], ...part }),
    fakeRun("other", { tags: ["sweep"] }),
  ]);
  server.on("GET", `runs/${ID}`, () => ({
    ...server.runs.find(({ id }) => id === ID),
    ...PROJECT,
    warnings: [],
    created_micros: 1_700_000_000_000_000,
    started_micros: 1_700_000_000_000_000,
    user: "me",
  }));
  server.on("GET", `runs/${ID}/neighbours`, () => ({ previous: null, next: null }));
  const page = await renderPage(<Parts />, { path: PATH });
  await screen.findByRole("heading", { name: "resnet" });
  return { ...page, server, edits: () => server.bodies("PATCH", `runs/${ID}`) };
}

test("a double click on the name renames it, and the message takes it back", async () => {
  const { user, edits } = await openRun();
  await user.dblClick(screen.getByRole("heading", { name: "resnet" }));
  const field = screen.getByRole("textbox", { name: "Name of the run" });
  await user.clear(field);
  await user.type(field, "resnet-best{Enter}");
  await screen.findByRole("heading", { name: "resnet-best" });
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "More of this run" }));
  await undo(user, "Renamed to resnet-best");
  await screen.findByRole("heading", { name: "resnet" });
  expect(edits()).toEqual([{ name: "resnet-best" }, { name: "resnet" }]);
});

test("Escape gives a name up, and an empty one is none", async () => {
  const { user, edits } = await openRun();
  const rename = async (keys: string) => {
    await user.dblClick(screen.getByRole("heading", { name: "resnet" }));
    await user.clear(screen.getByRole("textbox", { name: "Name of the run" }));
    await user.keyboard(keys);
  };
  await rename("best{Escape}");
  await rename("{Enter}");
  expect(screen.getByRole("heading", { name: "resnet" })).toBeTruthy();
  expect(edits()).toEqual([]);
});

test("a click on Edit tags renames, too, and stays where it is", async () => {
  const { user, edits } = await openRun();
  await user.keyboard("{F2}best");
  const button = screen.getByRole("button", { name: "Edit tags" });
  await user.pointer({ keys: "[MouseLeft>]", target: button });
  // what would move the button waits for the whole click
  expect(screen.getByRole("textbox", { name: "Name of the run" })).toBeTruthy();
  await user.pointer({ keys: "[/MouseLeft]", target: button });
  await waitFor(() => expect(screen.queryByRole("textbox", { name: "Name of the run" })).toBeNull());
  expect(document.activeElement).toBe(screen.getByRole("combobox", { name: "Add a tag" }));
  expect(edits()).toEqual([{ name: "best" }]);
});

test("F2 renames", async () => {
  const { user, edits } = await openRun();
  await user.keyboard("{F2}best{Enter}");
  await waitFor(() => expect(edits()).toEqual([{ name: "best" }]));
});

test("tags are added and removed in place", async () => {
  const { user, edits } = await openRun();
  await user.click(screen.getByRole("button", { name: "Edit tags" }));
  const field = screen.getByRole("combobox", { name: "Add a tag" });
  expect(document.activeElement).toBe(field);
  await user.keyboard("best{Enter}");
  await screen.findByRole("button", { name: "Remove tag best" });
  await user.click(screen.getByRole("button", { name: "Remove tag baseline" }));
  await waitFor(() => expect(edits()).toEqual([{ tags: ["baseline", "best"] }, { tags: ["best"] }]));
  await user.click(screen.getByRole("combobox", { name: "Add a tag" }));
  await user.keyboard("{Escape}");
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Edit tags" }));
});

test("tags that the server refuses are taken back, with the reason", async () => {
  const { user, server } = await openRun();
  server.on("PATCH", `runs/${ID}`, () => problem(400, "invalid", "too many tags"));
  await user.click(screen.getByRole("button", { name: "Edit tags" }));
  await user.keyboard("best{Enter}");
  await screen.findByText("Could not change the tags of resnet: too many tags");
  expect(screen.queryByRole("button", { name: "Remove tag best" })).toBeNull();
});

test("notes are written, saved by Ctrl and Enter, and taken back", async () => {
  const { user, edits } = await openRun();
  await user.click(screen.getByRole("button", { name: "What was tried, what came of it" }));
  await user.keyboard("it **works**{Control>}{Enter}{/Control}");
  expect((await screen.findByText("works")).tagName).toBe("STRONG");
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Edit notes" }));
  await undo(user, "resnet: notes changed");
  await screen.findByRole("button", { name: "What was tried, what came of it" });
  expect(edits()).toEqual([{ notes: "it **works**" }, { notes: null }]);
});

test("notes that are given up change nothing", async () => {
  const { user, edits } = await openRun({ notes: "first" });
  await user.click(screen.getByRole("button", { name: "Edit notes" }));
  await user.keyboard(" more{Escape}");
  await screen.findByText("first");
  expect(edits()).toEqual([]);
});

test("a running run is asked to stop once that is confirmed", async () => {
  const { user, server } = await openRun({ state: "running" });
  const nStopRequests = () => server.requests.filter(({ path }) => path.endsWith("/stop")).length;
  await user.click(screen.getByRole("button", { name: "Stop" }));
  const dialog = await screen.findByRole("dialog");
  expect(nStopRequests()).toBe(0);
  await user.click(
    [...dialog.querySelectorAll("button")].findLast((button) => button.textContent?.includes("Stop"))!,
  );
  await screen.findByText("resnet is asked to stop");
  expect(nStopRequests()).toBe(1);
});

test("deleting leads to the view that was open last", async () => {
  writeLastView(PROJECT, "view-7");
  onTestFinished(() => writeLastView(PROJECT, null));
  const { user, path, search } = await openRun();
  await user.click(screen.getByRole("button", { name: "More of this run" }));
  await user.click(await screen.findByRole("menuitem", { name: "Delete" }));
  await waitFor(() => expect(path()).toBe("/me/vision"));
  expect(search()).toEqual({ view: "view-7" });
});

test("deleting leaves the run's page, and the message leads back to it", async () => {
  const { user, path } = await openRun();
  await user.click(screen.getByRole("button", { name: "More of this run" }));
  await user.click(await screen.findByRole("menuitem", { name: "Delete" }));
  await waitFor(() => expect(path()).toBe("/me/vision"));
  await undo(user, "resnet is in the trash");
  await waitFor(() => expect(path()).toBe(PATH));
});
