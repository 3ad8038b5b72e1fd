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
const found = (text: string) => findColumns(COLUMNS, text).map(({ column }) => column);

describe("columns", () => {
  it("that most runs have come first", () => {
    expect(found("val/acc")).toEqual(["summary.val/accuracy.max", "summary.val/accuracy"]);
    expect(found("VAL/accuracy")[0]).toBe("summary.val/accuracy.max");
  });

  it("are found as they are shown and as they are written", () => {
    expect(found("val/accuracy max")).toEqual(["summary.val/accuracy.max"]);
    expect(found("summary.val/accuracy.max")).toEqual(["summary.val/accuracy.max"]);
    expect(found("max val")).toEqual(["summary.val/accuracy.max"]);
    expect(found("val.loss")).toEqual(["summary.val\\.loss"]);
    expect(found("val\\.loss")).toEqual(["summary.val\\.loss"]);
    expect(found("job type")).toEqual(["job_type"]);
    expect(found("heard")).toEqual(["heartbeat"]);
    expect(found("nothing")).toEqual([]);
    expect(found(" ")).toHaveLength(COLUMNS.length);
  });

  it("of as many runs begin with the one that is called so", () => {
    expect(found("lr")).toEqual(["config.lr", "config.base_lr"]);
    expect(found("config.lr")).toEqual(["config.lr"]);
  });
});
