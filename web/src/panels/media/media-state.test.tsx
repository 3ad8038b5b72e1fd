import { render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { makePanel } from "@/data/view/panel";
import type { PanelProps } from "../panel-props";
import { mediaState, NoRunHas } from "./media-state";

function textOf(...keys: string[]): string {
  const runs = [{ id: "a", name: "a", color: 1, isLive: false }];
  const of = { panel: makePanel("m", "media", "eval", { keys }), runs } as unknown as PanelProps;
  const answered = { data: [], error: null, isPending: false } as unknown as Parameters<typeof mediaState>[1];
  const state = mediaState(of, answered, false);
  const { container } = render(<p>{state?.is === "empty" ? state.say : ""}</p>);
  return container.textContent ?? "";
}

test("a key without media may be one of any kind of media", () => {
  expect(textOf("rollout_gif")).toBe(
    "The run does not have media called rollout_gif. Media given to run.log() under this name appear here.",
  );
  expect(textOf("a", "b")).toContain("under these names appear here.");
  expect(screen.queryByText(/image/)).toBeNull();
});

test("hidden runs are named where no shown one has it, and all are shown by a click", () => {
  const runs = [{ id: "a" }, { id: "b" }];
  const panel = makePanel("m", "table", "eval", { keys: ["t"] });
  const onShown = vi.fn();
  const of = { panel, runs, nHidden: 151, list: { onShown } } as unknown as PanelProps;
  const { container } = render(
    <NoRunHas of={of} what="a table called t">
      Log one.
    </NoRunHas>,
  );
  expect(container.textContent).toBe(
    "None of the 2 runs shown has a table called t. 151 other runs of the list are hidden.Show all",
  );
  screen.getByRole("button", { name: "Show all" }).click();
  expect(onShown.mock.calls[0]?.[0].selection).toEqual({ base: "all", on: [], off: [] });
});
