import { expect, test } from "vitest";
import type { Run } from "@/api/types";
import { recentEntries } from "./recent-entries";

function run(id: string, project: string, state = "finished"): Run {
  return { id, entity: "me", project, state } as Run;
}

test("finished runs of a project that follow each other are one entry, and each failure is one of its own", () => {
  const runs = [
    ...[9, 8, 7].map((nth) => run(`trial-${nth}`, "sweep")),
    run("broken", "sweep", "failed"),
    ...[6, 5].map((nth) => run(`trial-${nth}`, "sweep")),
    run("lost", "speech", "crashed"),
    run("a", "speech"),
    run("b", "speech"),
    run("trial-4", "sweep"),
  ];
  const entries = recentEntries(runs).map(({ run, earlier }) => [run.id, earlier.length]);
  expect(entries).toEqual([
    ["trial-9", 4],
    ["broken", 0],
    ["lost", 0],
    ["a", 0],
    ["b", 0],
    ["trial-4", 0],
  ]);
});
