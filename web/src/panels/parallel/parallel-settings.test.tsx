import { screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { makePanel } from "@/data/view/panel";
import { renderPage } from "@/testing/render";
import { FakeServer, fakeRun, PROJECT } from "@/testing/server";
import ParallelSettings from "./parallel-settings";

const COLUMNS = ["config.lr", "config.depth", "config.seq_len", "summary.loss"].map((column) => ({
  column,
  kinds: { number: 9 },
  n_runs: 9,
  samples: [1, 2],
  goal: column === "summary.loss" ? "minimize" : null,
}));

/** Runs whose loss is their width. */
const RUNS = Array.from({ length: 12 }, (_, i) =>
  fakeRun(`run-${i}`, {
    values: {
      "config.batch": i % 2,
      "config.depth": (i >> 1) % 2,
      "config.dropout": (i * 5) % 7,
      "config.lr": i >> 1,
      "config.width": i,
      "summary.loss": i,
    },
  }),
);

async function show(columns: readonly string[], parameters = COLUMNS.slice(0, 3)) {
  const server = new FakeServer(RUNS);
  const columnFacts = [...parameters, ...COLUMNS.slice(3)];
  server.on("GET", "columns", ({ query }) => {
    const text = query.toString();
    const ofAll = !text.includes("config") && !text.includes("summary");
    const ofConfig = text.includes("config");
    return {
      columns: columnFacts.filter(({ column }) => ofAll || column.startsWith("config.") === ofConfig),
      cursor: null,
    };
  });
  const onAtDone = vi.fn();
  const panel = makePanel("p", "parallel", "s", { options: { columns } });
  const onPanel = vi.fn();
  const set = { project: PROJECT, runs: [], runIds: RUNS.map(({ id }) => id) };
  const props = { ...set, panel, onPanel, onSettings: vi.fn(), onAtDone } as never;
  const { user } = await renderPage(
    <ParallelSettings {...(props as Parameters<typeof ParallelSettings>[0])} />,
  );
  return { onAtDone, onPanel, user, server };
}

test("Done keeps the axes that were chosen by themselves and are listed", async () => {
  const { onAtDone } = await show([]);
  await screen.findByRole("button", { name: "Remove summary.loss" });
  await waitFor(() =>
    expect(onAtDone.mock.lastCall).toEqual([
      { options: { columns: ["config.lr", "config.depth", "config.seq_len", "summary.loss"] } },
    ]),
  );
});

test("of more parameters than axes those that go with the result most are chosen", async () => {
  const names = ["batch", "depth", "dropout", "lr", "width"];
  const facts = names.map((name) => ({
    column: `config.${name}`,
    kinds: { number: 12 },
    n_runs: 12,
    samples: [1, 2],
    goal: null,
  }));
  const { onAtDone, server } = await show([], facts);
  await screen.findByRole("button", { name: "Remove summary.loss" });
  await waitFor(() =>
    expect(onAtDone.mock.lastCall).toEqual([
      {
        options: { columns: ["config.width", "config.lr", "config.batch", "config.depth", "summary.loss"] },
      },
    ]),
  );
  expect(server.bodies("POST", "runs/query")).toHaveLength(1);
});

test("Done leaves axes that were set as they are", async () => {
  const { onAtDone } = await show(["config.lr"]);
  await screen.findByRole("button", { name: "Remove config.lr" });
  expect(onAtDone.mock.lastCall).toEqual([null]);
});

test.each([
  [
    ["config.lr", "summary.loss"],
    ["config.lr", "config.depth", "summary.loss"],
  ],
  [["config.lr"], ["config.lr", "config.depth"]],
])("an axis added to %j is before a result, which colors the curves", async (columns, expected) => {
  const { onPanel, user } = await show(columns);
  await user.type(await screen.findByRole("combobox", { name: "Add an axis" }), "config.depth{Enter}");
  await waitFor(() => expect(onPanel.mock.lastCall).toEqual([{ options: { columns: expected } }]));
});
