import { expect, test } from "vitest";
import { imagesFirst, mediaMetrics } from "./object-kinds";

const names = (objects: readonly (readonly [name: string, kind: string])[], chartTables: string[] = []) =>
  mediaMetrics({
    objects: objects.map(([name]) => name),
    kinds: objects.map(([, kind]) => kind),
    chart_tables: chartTables,
  });

test("media has neither histograms, nor weft's own, nor the tables behind charts", () => {
  const listed = names(
    [
      ["weights", "histogram"],
      ["_code", "table"],
      ["roc_table", "table"],
      ["roc", "chart"],
      ["sample10", "image"],
      ["sample9", "image"],
      ["unknown", "no such kind"],
    ],
    ["roc_table"],
  );
  expect(listed.map(({ name }) => name)).toEqual(["roc", "sample9", "sample10"]);
});

test("images come first, then video, then all others, each part in its order", () => {
  const listed = names([
    ["answers", "table"],
    ["clip", "video"],
    ["page", "html"],
    ["samples", "image"],
    ["errors", "image"],
  ]);
  expect(imagesFirst(listed).map(({ name }) => name)).toEqual([
    "errors",
    "samples",
    "clip",
    "answers",
    "page",
  ]);
});
