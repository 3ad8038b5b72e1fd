import { describe, expect, it } from "vitest";
import { ApiError } from "../client";
import { sourcedClient } from "../reports/figures";
import { parametersQuery } from "../runs/columns";
import { runQuery } from "../runs/run";
import { rowsOfRunsQuery } from "../several-projects/rows-of-runs";
import type { Run } from "../types";
import { withFileRuns } from "./file-runs";

const PROJECT = { entity: "me", project: "vision" };

function run(id: string, part: Partial<Run>) {
  const fields = { name: id, state: "finished", color: 1, tags: [], notes: null, definitions: [] };
  return { id, ...fields, config: {}, summary: {}, created_micros: 1, ...part } as unknown as Run;
}

const RUNS = [
  run("a", { config: { optim: { lr: 0.1 }, "a.b": null }, created_micros: 1 }),
  run("b", {
    config: { optim: { lr: 0.2 } },
    summary: { loss: { _type: "float", value: "nan" } },
    created_micros: 2,
  }),
];

const client = sourcedClient(
  withFileRuns(PROJECT, RUNS, async () => {
    throw new ApiError(404, "not_stored", "not in the file");
  }),
);

const rows = (ids: readonly string[], columns: readonly string[]) =>
  client.fetchQuery(rowsOfRunsQuery(PROJECT, ids, columns, 1000));

describe("the runs of a file", () => {
  it("have rows, the newest first, with words for numbers that JSON lacks", async () => {
    const { rows: all, total } = await rows(
      ["a", "b"],
      ["config.a.b", "config.optim.lr", "summary.loss", "name"],
    );
    expect(total).toBe(2);
    expect(all.map(({ id, values, nulls }) => [id, Object.values(values), nulls])).toEqual([
      ["b", [null, 0.2, "NaN", "b"], undefined],
      ["a", [null, 0.1, null, "a"], ["config.a.b"]],
    ]);
  });

  it("have no rows with columns, or of runs, that the file lacks", async () => {
    await expect(rows(["a"], ["user"])).rejects.toMatchObject({ code: "not_stored" });
    await expect(rows(["a", "c"], ["name"])).rejects.toMatchObject({ code: "not_stored" });
  });

  it("have columns, those of most runs first, and are read one by one", async () => {
    const parameters = await client.fetchQuery(parametersQuery(PROJECT));
    expect(parameters.map(({ column }) => column)).toEqual(["config.optim.lr", "config.a\\.b"]);
    expect(await client.fetchQuery(runQuery(PROJECT, "b"))).toMatchObject({ id: "b", user: null });
    await expect(client.fetchQuery(runQuery(PROJECT, "c"))).rejects.toMatchObject({ code: "not_stored" });
  });
});
