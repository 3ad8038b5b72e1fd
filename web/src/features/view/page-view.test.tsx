import { act, screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderPage } from "@/testing/render";
import { FakeServer } from "@/testing/server";
import { ViewPages } from "@/testing/view-pages";
import { noteAct, takeBackAct } from "../last-act";
import { useSetView, useViewHistory } from "./view-store";

function UndoButton() {
  const { undo, canUndo } = useViewHistory();
  const setView = useSetView();
  return (
    <>
      <button type="button" disabled={!canUndo} onClick={undo}>
        Undo
      </button>
      <button type="button" onClick={() => setView((view) => ({ ...view, search: "loss" }))}>
        Search
      </button>
    </>
  );
}

test("the button Undo takes back what the keyboard does, the newest change first", async () => {
  while (takeBackAct());
  new FakeServer([]);
  await renderPage(<UndoButton />, {});
  const button = () => screen.getByRole<HTMLButtonElement>("button", { name: "Undo" });
  expect(button().disabled).toBe(true);
  act(() => screen.getByText("Search").click());
  let isInTrash = true;
  act(() => {
    noteAct(() => {
      isInTrash = false;
    });
  });
  act(() => button().click());
  expect([isInTrash, button().disabled]).toEqual([false, false]);
  act(() => button().click());
  expect(button().disabled).toBe(true);
});

test("a change of the view can be undone after a visit to another page of the project", async () => {
  while (takeBackAct());
  const server = new FakeServer([]);
  let document: unknown = null;
  const saved = () => ({ id: "default", name: "", kind: "default", is_mine: true, version: 1, document });
  server.on("GET", "views/default", saved);
  server.on("PUT", "views/default", ({ body }) => {
    document = body.document;
    return saved();
  });
  const { user } = await renderPage(
    <ViewPages>
      <UndoButton />
    </ViewPages>,
  );
  await user.click(await screen.findByText("Group"));
  await screen.findByText("config.lr");
  await waitFor(() => expect(document).not.toBeNull(), { timeout: 10_000 });

  await user.click(screen.getByText("Trash"));
  await user.click(await screen.findByText("Workspace"));
  await screen.findByText("config.lr");
  await user.keyboard("{Control>}z{/Control}");
  await screen.findByText("no groups");
});
