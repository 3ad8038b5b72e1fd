// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of presets
import { describe, expect, it } from "vitest";
import { cellName, filledPreset, presetOf, requiredFields, type Spec, tellsRuns } from "./preset";

const SPEC: Spec = {
  title: "${string:title}",
  transform: [{ filter: "isValid(datum['${field:x}'])" }],
  encoding: {
    x: { field: "${field:x}", type: "quantitative", title: "${string:xname:x axis}" },
    y: { field: "${field:y-value}", type: "quantitative", title: "${field:y-value}", scale: { zero: false } },
    color: { field: "color", type: "nominal", scale: null },
    strokeDash: { field: "${field:stroke}", type: "nominal" },
    tooltip: [{ field: "name", title: "run" }, { field: "${field:stroke}" }, { field: "${field:x}" }],
  },
};

const NUMBERS = { x: { title: "epoch", type: "number" }, "y-value": { title: "val.loss", type: "number" } };

function encodingOf(spec: Spec): Readonly<Record<string, Spec & Spec[]>> {
  return spec.encoding as Readonly<Record<string, Spec & Spec[]>>;
}

describe("a preset", () => {
  it("is found by both of its names", () => {
    const presets = [{ name: "weft/line/v0", aliases: ["wandb/line/v0"], default_columns: {}, spec: {} }];
    expect(presetOf(presets, "weft/line/v0")).toBe(presets[0]);
    expect(presetOf(presets, "wandb/line/v0")).toBe(presets[0]);
    expect(presetOf(presets, "me/mine")).toBeNull();
  });

  it("is filled with texts, or with what it says itself where a chart has none", () => {
    const filled = filledPreset(SPEC, NUMBERS, { title: "Loss: ${string:title} $& 損失" });
    expect(filled.title).toBe("Loss: ${string:title} $& 損失");
    expect(encodingOf(filled).x!.title).toBe("x axis");
    expect(encodingOf(filledPreset(SPEC, NUMBERS, { xname: "Epoche" })).x!.title).toBe("Epoche");
    expect(filledPreset(SPEC, NUMBERS, {}).title).toBeNull();
  });

  it("has names of columns in titles only, whatever they are", () => {
    const columns = {
      x: { title: "it's [0].a", type: "number" },
      "y-value": { title: "name", type: "number" },
    };
    const filled = filledPreset(SPEC, columns, {});
    expect(filled.transform).toEqual([{ filter: "isValid(datum['field_x'])" }]);
    const { y, tooltip } = encodingOf(filled);
    expect(y).toMatchObject({ field: "field_y_value", title: "name" });
    expect(tooltip).toEqual([
      { field: "name", title: "run" },
      { field: "field_x", title: "it's [0].a", type: "quantitative" },
    ]);
    expect(cellName("x-axis")).toBe("field_x_axis");
  });

  it("is drawn without a channel that it has no column for, and asks for the others", () => {
    expect(encodingOf(filledPreset(SPEC, NUMBERS, {})).strokeDash).toBeUndefined();
    const columns = { ...NUMBERS, stroke: { title: "part", type: "string" } };
    expect(encodingOf(filledPreset(SPEC, columns, {})).strokeDash).toEqual({
      field: "field_stroke",
      type: "nominal",
      title: "part",
    });
    expect(requiredFields(SPEC)).toEqual(["x", "y-value"]);
  });

  it("has axes that suit its columns", () => {
    const times = filledPreset(SPEC, { ...NUMBERS, x: { title: "at", type: "timestamp" } }, {});
    expect(encodingOf(times).x!.type).toBe("temporal");
    const texts = filledPreset(SPEC, { ...NUMBERS, "y-value": { title: "grade", type: "string" } }, {});
    expect(encodingOf(texts).y).toMatchObject({ type: "nominal", sort: null, scale: undefined });
    const counted = { encoding: { x: { field: "${field:x}", bin: true, type: "quantitative" } } };
    const binned = filledPreset(counted, { x: { title: "s", type: "string" } }, {});
    expect(encodingOf(binned).x!.type).toBe("quantitative");
  });

  it("tells runs apart by their name or their color, or is drawn for each of them", () => {
    expect(tellsRuns(SPEC)).toBe(true);
    expect(tellsRuns({ layer: [{ encoding: { detail: [{ field: "name" }] } }] })).toBe(true);
    expect(tellsRuns({ encoding: { x: { field: "${field:name}" } } })).toBe(false);
  });
});
