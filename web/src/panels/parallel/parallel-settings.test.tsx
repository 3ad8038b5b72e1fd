import { screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { makePanel } from "@/data/view/panel";
import { renderPage } from "@/testing/render";
import { FakeServer, PROJECT } from "@/testing/server";
import ParallelSettings from "./parallel-settings";

const COLUMNS = ["config.lr", "config.depth", "config.seq_len", "summary.loss"].map((column) => ({
  column,
  kinds: { number: 9 },
  n_runs: 9,
  samples: [1, 2],
  goal: column === "summary.loss" ? "minimize" : null,
}));

async function show(columns: readonly string[]) {
  const server = new FakeServer([]);
  server.on("GET", "columns", ({ query }) => {
    const text = query.toString();
    const ofConfig = text.includes("config");
    return {
      columns: COLUMNS.filter(({ column }) => column.startsWith("config.") === ofConfig),
      cursor: null,
    };
  });
  const onAtDone = vi.fn();
  const panel = makePanel("p", "parallel", "s", { options: { columns } });
  const props = { project: PROJECT, panel, onPanel: vi.fn(), onSettings: vi.fn(), onAtDone } as never;
  await renderPage(<ParallelSettings {...(props as Parameters<typeof ParallelSettings>[0])} />);
  return onAtDone;
}

test("Done keeps the axes that were chosen by themselves and are listed", async () => {
  const onAtDone = await show([]);
  await screen.findByRole("button", { name: "Remove summary.loss" });
  await waitFor(() =>
    expect(onAtDone.mock.lastCall).toEqual([
      { options: { columns: ["config.lr", "config.depth", "config.seq_len", "summary.loss"] } },
    ]),
  );
});

test("Done leaves axes that were set as they are", async () => {
  const onAtDone = await show(["config.lr"]);
  await screen.findByRole("button", { name: "Remove config.lr" });
  expect(onAtDone.mock.lastCall).toEqual([null]);
});
