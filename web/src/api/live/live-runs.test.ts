import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test, vi } from "vitest";
import { runsKey } from "../runs/run-rows";
import { LiveRuns } from "./live-runs";

const REF = { entity: "local", project: "pace" };

/** The number of refetches of a list with summaries in 20 s of events that come `paceSecs` apart. */
async function refetches(paceSecs: number): Promise<number> {
  vi.useFakeTimers();
  const client = new QueryClient();
  const queryFn = vi.fn(async () => 1);
  const list = { queryKey: [...runsKey(REF), "rows", { columns: ["summary.loss"] }], queryFn };
  const forget = new QueryObserver(client, list).subscribe(() => {});
  await vi.advanceTimersByTimeAsync(1);
  queryFn.mockClear();
  const runs = new LiveRuns(client, REF);
  for (let secs = 0; secs < 20; secs += paceSecs) {
    runs.logged(new Set(["run1"]), null, paceSecs);
    await vi.advanceTimersByTimeAsync(paceSecs * 1000);
  }
  runs.close();
  forget();
  client.clear();
  vi.useRealTimers();
  return queryFn.mock.calls.length;
}

test("lists with summaries follow every two seconds, and every second event of a busy server", async () => {
  expect(await refetches(0.5)).toBe(10);
  expect(await refetches(4)).toBeLessThanOrEqual(3);
});
