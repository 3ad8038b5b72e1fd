import { expect, it } from "vitest";
import { changesSentence, compareRuns, type RunMoment } from "./run-changes";

function run(id: string, more: Partial<RunMoment> = {}): RunMoment {
  return { id, name: id, state: "finished", heardMicros: 1, runtimeSecs: 1, ...more };
}

it("tells runs that were added, deleted, and got more data", () => {
  const then = [run("same"), run("gone"), run("live", { state: "running" }), run("left")];
  const now = [run("same"), run("live", { heardMicros: 5 }), run("new", { heardMicros: 9 }), run("left")];
  const changes = compareRuns(then, ["same", "live", "new"], new Map(now.map((r) => [r.id, r])));
  expect(Object.entries(changes).map(([kind, runs]) => [kind, runs.map(({ id }: RunMoment) => id)])).toEqual([
    ["added", ["new"]],
    ["deleted", ["gone"]],
    ["left", ["left"]],
    ["running", ["live"]],
    ["grown", ["live"]],
  ]);
  expect(changesSentence(changes)).toBe(
    "1 run added, 1 deleted, 1 no longer in the set, 1 still running then, 1 got more data",
  );
});

it("says nothing where nothing changed", () => {
  const changes = compareRuns([run("a")], ["a"], new Map([["a", run("a")]]));
  expect(changesSentence(changes)).toBe("");
  expect(
    changesSentence(
      compareRuns(
        [],
        ["a", "b"],
        new Map([
          ["a", run("a")],
          ["b", run("b")],
        ]),
      ),
    ),
  ).toBe("2 runs added");
});
