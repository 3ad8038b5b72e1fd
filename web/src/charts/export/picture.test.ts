import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { SeriesColumns } from "@/data/curves/columns";
import { exampleCurve } from "@/testing/curves";
import { FIRST_LINE_VIEW } from "../line/curve";
import { selectedRuns } from "../shared-state";
import { svgOf } from "./picture";

const VALUES: Readonly<Record<string, string>> = { "--w-band": "0.2" };
const PEN = { font: "", measureText: (text: string) => ({ width: 6 * text.length }), putImageData() {} };

class Pixels {
  readonly data: Uint8ClampedArray;
  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.data = new Uint8ClampedArray(4 * width * height);
  }
}

beforeEach(() => {
  vi.stubGlobal("ImageData", Pixels);
  vi.stubGlobal("document", {
    documentElement: { dataset: {} },
    createElement: () => ({ getContext: () => PEN, toDataURL: () => "data:image/png;base64,AA==" }),
  });
  vi.stubGlobal("getComputedStyle", () => ({
    getPropertyValue: (name: string) => VALUES[name] ?? "#112233",
  }));
});

afterEach(() => {
  selectedRuns.set(new Set());
  vi.unstubAllGlobals();
});

function pictureOf(nCurves: number, part: Partial<SeriesColumns> = {}): string {
  const columns = { bucket: Uint16Array.of(0, 1, 2), mean: Float32Array.of(1, 2, 3), ...part };
  return svgOf({
    title: "loss",
    note: "",
    titleOf: () => "Step",
    curves: Array.from({ length: nCurves }, (_, i) => exampleCurve(columns, `run-${i}`)),
    view: FIRST_LINE_VIEW,
    width: 300,
    height: 200,
  });
}

it("of few curves has a line and a name of each", () => {
  const svg = pictureOf(100);
  expect(svg).not.toContain("<image");
  expect(svg).toContain(">run-7</text>");
});

it("of many curves has their density, as the screen does, and lines only of selected runs", () => {
  const lines = (svg: string) => svg.match(/<path [^>]*fill="none"/g)?.length ?? 0;
  const svg = pictureOf(101);
  expect(svg).toContain('<image href="data:image/png;base64,AA=="');
  expect(svg).toContain(">Density of 101 curves</text>");
  expect(svg).not.toContain(">run-7</text>");
  selectedRuns.set(new Set(["run-7"]));
  const withSelected = pictureOf(101);
  expect(withSelected).toContain(">run-7</text>");
  // its casing, the curve, and its stroke in the legend
  expect(lines(withSelected)).toBe(lines(svg) + 3);
});

it("has marks of NaN between the axis and its labels, and each label below them", () => {
  const nonfinite = { nonfinite: Uint16Array.of(0), nan: Uint32Array.of(202) };
  const svg = pictureOf(1, { ...nonfinite, mean: Float32Array.of(Number.NaN, 2, 3) });
  const labels = [...svg.matchAll(/<text [^>]*y="([\d.]+)"[^>]*>([^<]+)<\/text>/g)].map(
    ([, y, text]) => [text, Number(y)] as const,
  );
  const [, markY] = labels.find(([text]) => text === "NaN ×202")!;
  const below = labels.filter(([text, y]) => text !== "Step" && y > markY + 10);
  expect(below.map(([text]) => text)).toEqual(["0", "1", "2"]);
});
