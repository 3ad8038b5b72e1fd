import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Run } from "@/api/types";
import { renderControl } from "@/testing/render";
import { SharedRun } from "./shared-run";

test("the summary of a shared run begins with the metrics that have a goal", () => {
  const run = {
    notes: null,
    config: {},
    summary: {
      best: 1_245_332,
      epoch: 3,
      grad_norm: { a: 2 },
      "val/wer": { min: 0.05 },
      _runtime: 7,
      image: { _type: "image" },
    },
    definitions: [{ name: "val/wer", summary: ["min"], goal: "minimize" }],
  } as unknown as Run;
  renderControl(<SharedRun run={run} />);
  const names = [...screen.getByRole("region", { name: "Summary" }).querySelectorAll("dt")];
  expect(names.map(({ textContent }) => textContent)).toEqual([
    "val/wer min",
    "best",
    "epoch",
    "grad_norm.a",
  ]);
  expect(screen.getByText("1,245,332")).toBeTruthy();
});
