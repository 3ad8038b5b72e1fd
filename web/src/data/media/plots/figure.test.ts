import { describe, expect, it } from "vitest";
import { figureFault, lookOf, partsOf, readFigure } from "./figure";

const LOOK = { text: "#111", grid: "#222", axis: "#333", font: "Inter" };

describe("a figure", () => {
  it("is read of any JSON; WebGL traces are drawn as others are", () => {
    const figure = readFigure({
      data: [{ type: "scattergl", y: [1] }, { y: [2] }, null, { type: "surface" }],
    })!;
    expect(figure.data.map(({ type }) => type)).toEqual(["scatter", "scatter", "scatter", "surface"]);
    for (const other of [null, [], { data: {} }, "x"]) expect(readFigure(other)).toBeNull();
  });

  it("needs the parts of Plotly that its traces are in", () => {
    const of = (...types: string[]) => readFigure({ data: types.map((type) => ({ type })) })!;
    expect(partsOf(of("scattergl", "pie"))).toEqual(["cartesian"]);
    expect(partsOf(of("scatter"))).toEqual([]);
    expect(partsOf(of("scatter3d", "surface"))).toEqual(["gl3d"]);
    expect(partsOf(of("bar", "surface", "sankey"))).toEqual(["cartesian", "gl3d", "others"]);
    expect(figureFault(of("bar", "scatter", "sankey"))).toBeNull();
    expect(figureFault(of("bar", "choropleth", "scattermap"))).toBe(
      "Traces of type choropleth, scattermap can't be drawn here",
    );
  });

  it("has the theme's colors where it says no others, and fills its room", () => {
    const layout = {
      width: 700,
      height: 500,
      title: { text: "T" },
      plot_bgcolor: "red",
      xaxis: { gridcolor: "blue" },
      template: { layout: { paper_bgcolor: "white", font: { color: "#2a3f5f" }, colorway: ["green"] } },
    };
    const look = lookOf(readFigure({ data: [], layout })!, LOOK, false);
    expect(look).toMatchObject({ plot_bgcolor: "red", xaxis: { gridcolor: "blue" }, autosize: true });
    expect(look.width).toBeUndefined();
    expect(look.template).toMatchObject({
      layout: { paper_bgcolor: "rgba(0,0,0,0)", colorway: ["green"], font: { color: "#111", size: 10 } },
    });
    expect(look.template).toMatchObject({ layout: { scene: { zaxis: { gridcolor: "#222" } } } });
  });
});
