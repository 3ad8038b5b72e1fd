import { expect, test } from "vitest";
import type { PanelRun } from "@/panels/panel-props";
import { joinedRuns } from "./joined-runs";
import type { SetRuns } from "./use-set-runs";

const PROJECT = { entity: "lab", project: "mnist" };

function run(id: string): PanelRun {
  return { id, name: id, color: 1, isLive: false };
}

function part(ids: readonly string[], panels: Partial<SetRuns["panels"]> = {}): SetRuns {
  const runs = ids.map(run);
  return {
    panels: { project: PROJECT, runs, runIds: ids, groupBy: [], baseline: null, ...panels },
    isSettled: true,
    isKnown: true,
    error: null,
  };
}

test("a single run set is drawn as it is", () => {
  const only = part(["a"], { groupBy: ["config.lr"] });
  expect(joinedRuns(PROJECT, [only])).toBe(only);
});

test("a run of two run sets is drawn once, and a set that is not read yet keeps the panels waiting", () => {
  const { panels, isKnown } = joinedRuns(PROJECT, [
    part(["b", "a"]),
    { ...part(["a", "c"], { baseline: run("c") }), isKnown: false },
  ]);
  expect(panels.runs.map(({ id }) => id)).toEqual(["b", "a", "c"]);
  expect(panels.runIds).toEqual(["a", "b", "c"]);
  expect([panels.baseline?.id, isKnown]).toEqual(["c", false]);
});

test("run sets that are grouped alike are drawn in groups, others as runs", () => {
  const first = part(["a"], { groupBy: ["config.lr"], groups: ["[1]"], groupColors: { "[1]": 3 } });
  const alike = part(["b"], { groupBy: ["config.lr"], groups: ["[1]", "[2]"], groupColors: { "[2]": 4 } });
  const { panels } = joinedRuns(PROJECT, [first, alike]);
  expect([panels.groupBy, panels.groups, panels.groupColors]).toEqual([
    ["config.lr"],
    ["[1]", "[2]"],
    { "[1]": 3, "[2]": 4 },
  ]);
  const other = joinedRuns(PROJECT, [first, part(["b"])]);
  expect([other.panels.groupBy, other.panels.groups]).toEqual([[], undefined]);
});

test("without a run set that is shown there is no run", () => {
  const { panels, isKnown } = joinedRuns(PROJECT, []);
  expect([panels.runs, panels.groupBy, isKnown]).toEqual([[], [], true]);
});

test("runs of another project have keys, and a name of both projects says whose it is", () => {
  const other = part(["a", "b"], { project: { entity: "lab", project: "cifar" }, groupBy: ["config.lr"] });
  const { panels } = joinedRuns(PROJECT, [part(["a"], { groupBy: ["config.lr"] }), other]);
  expect(panels.runs.map(({ id, name }) => [id, name])).toEqual([
    ["a", "a (mnist)"],
    ["lab/cifar/a", "a (cifar)"],
    ["lab/cifar/b", "b"],
  ]);
  // the server makes groups of one project
  expect([panels.groupBy, panels.project]).toEqual([[], PROJECT]);
});

test("a name of two projects that a link shows has their numbers", () => {
  const own = { entity: "-", project: "1" };
  const other = part(["a"], { project: { entity: "share", project: "id.code.curves.2" } });
  const { panels } = joinedRuns(own, [part(["a"], { project: own }), other]);
  expect(panels.runs.map(({ name }) => name)).toEqual(["a (project 1)", "a (project 2)"]);
});
