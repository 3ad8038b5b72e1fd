import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { HOME_REFRESH_MILLIS } from "@/api/projects";
import { runningRunsQuery } from "@/api/runs/recent-runs";
import type { Project, Run } from "@/api/types";
import { FakeServer, PROJECT } from "@/testing/server";
import { worryOf } from "./needs-look";
import { useRecentRuns } from "./use-recent-runs";

const MINUTE_MILLIS = 60_000;

function runOf(heartbeatMillis: number): Run {
  return {
    id: "live",
    name: "live",
    state: "running",
    summary: {},
    definitions: [],
    n_alerts: 0,
    created_micros: 0,
    heartbeat_micros: heartbeatMillis * 1000,
  } as unknown as Run;
}

test("a run is silent by the time of the answer that tells of it, however old that is", async () => {
  const now = Date.now();
  const answer = { runs: [runOf(now - 5 * MINUTE_MILLIS)] };
  const server = new FakeServer([]);
  server.on("GET", "runs", () => answer);
  const release = server.hold("GET", "runs");
  const project = { ...PROJECT, n_runs: 0, n_running: 1 } as Project;
  const query = runningRunsQuery(project, HOME_REFRESH_MILLIS);
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const before = now - 10 * MINUTE_MILLIS;
  client.setQueryData(query.queryKey, [runOf(before - 1_000)], { updatedAt: before });
  const { result } = renderHook(() => useRecentRuns([project]), {
    wrapper: ({ children }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>,
  });
  const worries = () => result.current.running.map((run) => worryOf(run, run.answeredMillis)?.text);
  expect(worries()).toEqual([undefined]);
  server.on("GET", "runs", () => answer);
  release();
  await client.refetchQueries({ queryKey: query.queryKey });
  await waitFor(() => expect(worries()).toEqual([expect.stringContaining("no heartbeat for 5")]));
  client.clear();
});

test("a run that failed before the newest of a large project is listed, as long as others of its time are", async () => {
  const ended = (id: string, endedMicros: number, state = "finished") =>
    ({ ...runOf(0), id, state, ended_micros: endedMicros }) as Run;
  const failed = [
    ended("late", 95, "failed"),
    ended("early", 70, "failed"),
    ended("long ago", 10, "crashed"),
  ];
  const server = new FakeServer([]);
  server.on("GET", "runs", ({ query }) => ({
    runs: query.has("filter") ? failed : [ended("newest", 99), failed[0], ended("oldest", 60)],
  }));
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const { result } = renderHook(() => useRecentRuns([{ ...PROJECT, n_runs: 31, n_running: 0 } as Project]), {
    wrapper: ({ children }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>,
  });
  await waitFor(() =>
    expect(result.current.ended.map(({ id }) => id)).toEqual(["newest", "late", "early", "oldest"]),
  );
  client.clear();
});
