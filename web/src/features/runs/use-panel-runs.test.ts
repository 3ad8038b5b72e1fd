import { expect, test } from "vitest";
import { distinctNames } from "./use-panel-runs";

test("runs of one name have their ids in it, and others do not", () => {
  const runs = [
    { id: "a", name: "tokenize" },
    { id: "b", name: "train" },
    { id: "c", name: "tokenize" },
  ];
  expect(distinctNames(runs)).toEqual(["tokenize (a)", "train", "tokenize (c)"]);
});
