import { expect, test } from "vitest";
import { compareCsv } from "./compare-csv";
import { compareRuns } from "./compare-runs";

test("a comparison is a line for each row and a column for each run", () => {
  const run = (id: string, config: Record<string, unknown>) => ({
    id,
    config,
    summary: { loss: { _type: "float", value: "nan" } },
    definitions: [],
    facts: { state: "finished" },
  });
  const rows = compareRuns([run("a", { lr: 0.1, name: "=x" }), run("b", { lr: 0.2 })]);
  expect(compareCsv(["one", "two, or so"], rows)).toBe(
    'section,key,one,"two, or so"\r\n' +
      "config,lr,0.1,0.2\r\n" +
      "config,name,'=x,\r\n" +
      "summary,loss,NaN,NaN\r\n" +
      "run,state,finished,finished\r\n",
  );
});
