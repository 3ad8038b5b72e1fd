import { expect, test } from "vitest";
import { inOneNotation } from "./format";

test("parameters that stand together have one notation", () => {
  expect(inOneNotation(["3e−4", "0.001", "not set", "−0.05", "32", "1.5"])).toEqual([
    "3e−4",
    "1e−3",
    "not set",
    "−5e−2",
    "32",
    "1.5",
  ]);
  expect(inOneNotation(["0.001", "0.01"])).toEqual(["0.001", "0.01"]);
  expect(inOneNotation(["resnet-3e−4", "0.1"])).toEqual(["resnet-3e−4", "0.1"]);
});
