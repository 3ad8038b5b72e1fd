import { describe, expect, it } from "vitest";
import { findColumns } from "./find-columns";

const COLUMNS = [
  { column: "job_type", n_runs: 49 },
  { column: "heartbeat", n_runs: 49 },
  { column: "config.base_lr", n_runs: 49 },
  { column: "config.lr", n_runs: 49 },
  { column: "summary.val/accuracy", n_runs: 1 },
  { column: "summary.val/accuracy.max", n_runs: 44 },
  { column: "summary.val\\.loss", n_runs: 44 },
];
const matches = (text: string) => findColumns(COLUMNS, text).map(({ column }) => column);

describe("columns", () => {
  it("that most runs have come first", () => {
    expect(matches("val/acc")).toEqual(["summary.val/accuracy.max", "summary.val/accuracy"]);
    expect(matches("VAL/accuracy")[0]).toBe("summary.val/accuracy.max");
  });

  it("are found as they are shown and as they are written", () => {
    expect(matches("val/accuracy max")).toEqual(["summary.val/accuracy.max"]);
    expect(matches("summary.val/accuracy.max")).toEqual(["summary.val/accuracy.max"]);
    expect(matches("max val")).toEqual(["summary.val/accuracy.max"]);
    expect(matches("val.loss")).toEqual(["summary.val\\.loss"]);
    expect(matches("val\\.loss")).toEqual(["summary.val\\.loss"]);
    expect(matches("job type")).toEqual(["job_type"]);
    expect(matches("heard")).toEqual(["heartbeat"]);
    expect(matches("nothing")).toEqual([]);
    expect(matches(" ")).toHaveLength(COLUMNS.length);
  });

  it("of as many runs begin with the one that is called so", () => {
    expect(matches("lr")).toEqual(["config.lr", "config.base_lr"]);
    expect(matches("config.lr")).toEqual(["config.lr"]);
  });
});
