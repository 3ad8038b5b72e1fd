import { expect, test } from "vitest";
import { distinctEnds } from "./distinct-ends";

test("long texts with the same beginning show where they differ", () => {
  const mixture = (c4: number) => `[{"name": "c4", "weight": ${c4}}, {"name": "code", "weight": 0.2}]`;
  expect(distinctEnds([mixture(0.7), mixture(0.5), mixture(0.7)])).toEqual(
    [0.7, 0.5, 0.7].map((c4) => `…${c4}}, {"name": "code", "weight": 0.2}]`),
  );
  expect(distinctEnds(["/data/sets/one/train-full.csv", "/data/sets/one/train-part.csv"])).toEqual([
    "…train-full.csv",
    "…train-part.csv",
  ]);
});

test("short, equal and quite different texts are left", () => {
  for (const texts of [
    ["scale/1b", "scale/2b"],
    ["a text that is as long as the other one", "a text that is as long as the other one"],
    ["one text that is long enough to be cut", "two texts that are long enough to be cut"],
  ])
    expect(distinctEnds(texts)).toEqual(texts);
});
