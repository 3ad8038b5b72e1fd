import { act, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderControl } from "@/testing/render";
import { showDone, Toasts } from "@/ui/overlays/toasts";
import { noteAct, takeBackAct } from "./last-act";

test("what the keyboard takes back is offered by no message any more", () => {
  renderControl(<Toasts />);
  let nRestored = 0;
  const undo = noteAct(() => {
    nRestored += 1;
  });
  act(() => showDone("a is in the trash", { label: "Undo", run: undo }));
  act(() => showDone("b: color changed", { label: "Undo", run: () => {} }));
  expect(screen.getByText("a is in the trash")).toBeTruthy();
  act(() => void takeBackAct());
  expect(nRestored).toBe(1);
  expect(screen.queryByText("a is in the trash")).toBeNull();
  expect(screen.getByText("b: color changed")).toBeTruthy();
});

test("acts are taken back one by one, the newest first, and none that is older than the view's last change", () => {
  while (takeBackAct()); // of tests that ran before in this process
  const restored: string[] = [];
  noteAct(() => restored.push("first"));
  const undo = noteAct(() => restored.push("second"));
  noteAct(() => restored.push("third"));
  undo();
  expect(takeBackAct(performance.now() + 1)).toBe(false);
  expect([takeBackAct(), takeBackAct(), takeBackAct()]).toEqual([true, true, false]);
  expect(restored).toEqual(["second", "third", "first"]);
});
