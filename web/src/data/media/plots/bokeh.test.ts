import { describe, expect, it } from "vitest";
import { plotFault, plotInLook, readPlot } from "./bokeh";

const LOOK = {
  text: "#111",
  strongText: "#000",
  grid: "#222",
  axis: "#333",
  background: "#fff",
  font: "Inter",
};

const model = (name: string, attributes: object = {}) => ({ type: "object", name, id: "p1", attributes });

describe("a plot of Bokeh", () => {
  it("is a document with roots, of Bokeh 3 or newer", () => {
    for (const other of [null, [], "x", {}, { roots: [] }, { version: 3, roots: [] }])
      expect(readPlot(other)).toBeNull();
    expect(plotFault(readPlot({ version: "3.9.2", roots: [model("Figure")] })!)).toBeNull();
    expect(plotFault(readPlot({ version: "3.9.2", roots: [] })!)).toBe("The file has no plots");
    const old = { version: "2.4.3", roots: { references: [], root_ids: [] } };
    expect(plotFault(readPlot(old)!)).toBe(
      "Plots of Bokeh 2.4.3 can't be drawn here: they need Bokeh 3 or newer",
    );
  });

  it("has the theme's colors where it says no others, at any depth", () => {
    const below = [model("LinearAxis", { axis_line_color: "red" })];
    const figure = model("Figure", { width: 300, below, border_fill_color: "blue" });
    const plot = readPlot({ version: "3.9.2", title: "T", roots: [figure] })!;
    expect(plotInLook(plot, LOOK, true)).toMatchObject({
      title: "T",
      roots: [
        {
          attributes: {
            background_fill_color: "#fff",
            border_fill_color: "blue",
            below: [{ attributes: { axis_line_color: "red", major_label_text_color: "#111" } }],
          },
        },
      ],
    });
  });

  it("fills its frame if it is alone, without tools where it is small", () => {
    const plot = readPlot({ version: "3.9.2", roots: [model("Figure", { width: 300 })] })!;
    const attributesOf = (isLarge: boolean) =>
      (plotInLook(plot, LOOK, isLarge).roots as ReturnType<typeof model>[])[0]!.attributes;
    expect(attributesOf(false)).toMatchObject({ sizing_mode: "stretch_both", toolbar_location: null });
    expect(attributesOf(true)).not.toHaveProperty("toolbar_location");
    const column = readPlot({ version: "3.9.2", roots: [model("Column", { width: 300 })] })!;
    expect(plotInLook(column, LOOK, true).roots).toEqual([model("Column", { width: 300 })]);
  });
});
