import { describe, expect, it } from "vitest";
import { confined, FIRST_SPEC, namesStep, nested, readSpec, specColumns, withTables } from "./options";

describe("a Vega-Lite specification", () => {
  it("is JSON, or says where it is not", () => {
    expect(readSpec('{"mark": "bar"}')).toEqual({ value: { mark: "bar" }, error: null });
    expect(readSpec("[1]").error).toContain("object");
    expect(readSpec('{"mark": }').error).not.toBeNull();
    expect(readSpec(" ").value).toBeNull();
  });

  it("asks for the columns that it names", () => {
    const spec = {
      encoding: {
        x: { field: "config.model.lr" },
        y: { field: "summary.val/acc.max" },
        color: { field: "user" },
      },
      transform: [{ calculate: "log(datum.config.batch) + datum.summary.loss", as: "x" }],
    };
    expect(specColumns(spec)).toEqual([
      "config.batch",
      "config.model.lr",
      "summary.loss",
      "summary.val/acc.max",
      "user",
    ]);
    expect(specColumns(readSpec(FIRST_SPEC).value!)).toEqual(["created", "runtime"]);
  });

  it("is by step where it names the step", () => {
    expect(namesStep({ encoding: { x: { field: "step" } } })).toBe(true);
    expect(namesStep({ transform: [{ calculate: "datum.step / 10", as: "x" }] })).toBe(true);
    expect(namesStep({ encoding: { x: { field: "x" }, y: { field: "footstep" } } })).toBe(false);
    expect(namesStep({ mark: { type: "line", interpolate: "step" } })).toBe(false);
  });

  it("keeps nothing that reaches beyond its panel", () => {
    const spec = {
      mark: "bar",
      usermeta: { embedOptions: { actions: true } },
      config: { font: "serif", events: { bind: "any", selector: true } },
    };
    const { usermeta, config } = confined(spec);
    expect(usermeta).toBeUndefined();
    expect(config).toMatchObject({ font: "serif", events: { bind: "container", selector: false } });
  });

  it("is given rows with values in values", () => {
    expect(nested({ "config.a.b": 1, "config.a.c": 2, name: "x" })).toEqual({
      config: { a: { b: 1, c: 2 } },
      name: "x",
    });
  });

  it("gets the tables in its own language, and none that it has itself", () => {
    const rows = [{ id: "a" }];
    expect(withTables({ mark: "bar" }, { runs: rows })).toMatchObject({
      datasets: { runs: rows },
      width: "container",
    });
    const vega = {
      $schema: "https://vega.github.io/schema/vega/v6.json",
      data: [{ name: "history", values: [] }],
    };
    expect(withTables(vega, { runs: rows, history: rows }).data).toEqual([
      { name: "runs", values: rows },
      { name: "history", values: [] },
    ]);
  });
});
