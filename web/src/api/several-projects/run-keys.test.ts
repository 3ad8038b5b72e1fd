import { expect, test } from "vitest";
import { runKey, runKeyIn, runOfKey, runsByProject } from "./run-keys";

const OWN = { entity: "lab", project: "mnist" };
const OTHER = { entity: "lab", project: "cifar" };

test("runs of one project are asked for as they are", () => {
  const runs = ["a", "b"];
  const [part, ...others] = runsByProject(OWN, runs);
  expect([part?.ref, part?.ids, part?.keyOf("a"), others]).toEqual([OWN, runs, "a", []]);
});

test("each project is asked for its own runs, whose answers have keys again", () => {
  const parts = runsByProject(OWN, [runKey(OTHER, "x"), "a", runKey(OTHER, "y")]);
  expect(parts.map(({ ref, ids, keyOf }) => [ref, ids.map(keyOf)])).toEqual([
    [OWN, ["a"]],
    [OTHER, ["lab/cifar/x", "lab/cifar/y"]],
  ]);
  expect(parts[1]?.ids).toEqual(["x", "y"]);
});

test("a run is known by its id in its own project, by a key in others", () => {
  const keys = [runKeyIn(OWN, OWN, "a"), runKeyIn(OWN, OTHER, "a")];
  expect(keys).toEqual(["a", "lab/cifar/a"]);
  expect(keys.map((key) => runOfKey(OWN, key))).toEqual([
    { ref: OWN, id: "a" },
    { ref: OTHER, id: "a" },
  ]);
});
