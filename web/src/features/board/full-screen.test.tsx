import { act, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { type Pin, pin } from "@/charts/shared-state";
import { renderPage } from "@/testing/render";
import { useSetView } from "../view/view-store";
import { BoardContext } from "./board-set";
import { FullScreen } from "./full-screen";

const PINNED: Pin = { panel: "p", axis: "step", x: 5, y: 1, isByKey: false };

function Tools() {
  const setView = useSetView();
  return (
    <>
      <button type="button" onClick={() => setView({ full: "p" })}>
        open
      </button>
      <button type="button" onClick={() => setView({ full: "q" })}>
        next
      </button>
      <button type="button" onClick={() => setView({ full: null })}>
        close
      </button>
    </>
  );
}

async function showFull() {
  const { user } = await renderPage(
    <BoardContext value={{ sections: [] } as never}>
      <FullScreen />
      <Tools />
    </BoardContext>,
  );
  return (name: string) => user.click(screen.getByText(name));
}

afterEach(() => act(() => pin.set(null)));

test("what was pinned in full screen goes with it, and stays on the way to the next panel", async () => {
  const choose = await showFull();
  await choose("open");
  act(() => pin.set(PINNED));
  await choose("next");
  expect(pin.get()).toBe(PINNED);
  await choose("close");
  expect(pin.get()).toBeNull();
});

test("what was pinned before full screen stays after it", async () => {
  const choose = await showFull();
  act(() => pin.set(PINNED));
  await choose("open");
  await choose("close");
  expect(pin.get()).toBe(PINNED);
});
