import { expect, test } from "vitest";
import type { SweepRun } from "@/api/sweeps/sweeps";
import { layOutTimeline, MOST_AGENTS } from "./timeline-layout";

function trial(part: Partial<SweepRun> & Pick<SweepRun, "number" | "given_micros">): SweepRun {
  return {
    run: `r${part.number}`,
    parameters: {},
    state: "finished",
    stopped_early: false,
    values: [1],
    error: null,
    agent: "a",
    ended_micros: null,
    ...part,
  };
}

const AGENTS = [
  { id: "a", number: 1 },
  { id: "b", number: 2 },
];
const SECOND = 1e6;

test("trials of an agent that ran at once are in lanes of its row", () => {
  const content = layOutTimeline(
    AGENTS,
    [
      trial({ number: 0, given_micros: 0, ended_micros: 10 * SECOND }),
      trial({ number: 1, given_micros: 5 * SECOND, ended_micros: 20 * SECOND, state: "failed" }),
      trial({ number: 2, given_micros: 10 * SECOND, ended_micros: 30 * SECOND, stopped_early: true }),
      trial({ number: 3, given_micros: 15 * SECOND, state: "running", agent: "b" }),
      trial({ number: 4, given_micros: 0, state: "queued", agent: null }),
    ],
    40 * SECOND,
  );
  expect(content?.rows).toEqual(["agent-1", "agent-2"]);
  expect(content?.xLabel).toBe("seconds since the first run began");
  expect(
    content?.bars.map(({ id, lane, nLanes, from, to, look }) => [id, lane, nLanes, from, to, look]),
  ).toEqual([
    ["r0", 0, 2, 0, 10, "finished"],
    ["r1", 1, 2, 5, 20, "failed"],
    ["r2", 0, 2, 10, 30, "stopped"],
    ["r3", 0, 1, 15, 40, "running"],
  ]);
});

test("of many agents the last ones have rows, and none without a trial", () => {
  const many = Array.from({ length: 60 }, (_, i) => ({ id: `x${i}`, number: i + 1 }));
  const runs = many.map(({ id }, number) =>
    trial({ number, agent: id, given_micros: number, ended_micros: number + 1 }),
  );
  expect(layOutTimeline(many, runs, 0)?.rows).toHaveLength(MOST_AGENTS);
  expect(layOutTimeline(many, runs, 0)?.rows.at(-1)).toBe("agent-60");
  expect(layOutTimeline(AGENTS, [], 0)).toBeNull();
});
