import { fireEvent, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { renderControl } from "@/testing/render";
import type { PanelRun } from "../panel-props";
import { RunChoice } from "./run-choice";

const runs = Array.from({ length: 300 }, (_, i) => ({ id: `r${i}`, name: `run ${i}`, color: 1 }) as PanelRun);

async function open(onChoose = vi.fn()) {
  renderControl(<RunChoice runs={runs} run={runs[0]!} lacking={new Set(["r1"])} onChoose={onChoose} />);
  fireEvent.click(screen.getByRole("button", { name: "Run: run 0" }));
  const field = await screen.findByRole("combobox");
  fireEvent.focus(field);
  return field;
}

test("all runs are found by their names, whatever the list shows at first", async () => {
  const onChoose = vi.fn();
  const field = await open(onChoose);
  const options = await screen.findAllByRole("option");
  expect(options).toHaveLength(201);
  expect(options[200]!.textContent).toContain("100 more");
  fireEvent.change(field, { target: { value: "run 287" } });
  expect(screen.getAllByRole("option")).toHaveLength(1);
  fireEvent.keyDown(field, { key: "Enter" });
  expect(onChoose).toHaveBeenCalledWith("r287");
});

test("a run known to have no histogram stands last and cannot be chosen", async () => {
  const field = await open();
  fireEvent.change(field, { target: { value: "run 1" } });
  const last = (await screen.findAllByRole("option")).at(-1)!;
  expect(last.textContent).toContain("has none");
  expect(last.getAttribute("aria-disabled")).toBe("true");
});
