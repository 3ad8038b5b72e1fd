import { act, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderPage } from "@/testing/render";
import { FakeServer } from "@/testing/server";
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
