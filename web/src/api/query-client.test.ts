// @vitest-environment jsdom
import { QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "./client";
import { makeQueryClient } from "./query-client";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A query that fails `nTimes`, and what a page shows of it. */
function observe(error: Error, nTimes: number) {
  const client = makeQueryClient(() => {});
  let nCalls = 0;
  const queryFn = async () => {
    nCalls += 1;
    if (nCalls <= nTimes) throw error;
    return "rows";
  };
  const observer = new QueryObserver(client, { queryKey: ["runs"], queryFn });
  const stop = observer.subscribe(() => {});
  return {
    observer,
    nCalls: () => nCalls,
    end: () => {
      stop();
      client.clear();
    },
  };
}

test("a server that does not answer is asked until it does, without a click", async () => {
  const { observer, end } = observe(new ApiError(0, "unreachable", "The server does not answer"), 7);
  await vi.advanceTimersByTimeAsync(4_500);
  expect(observer.getCurrentResult().error?.message).toBe("The server does not answer");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(observer.getCurrentResult()).toMatchObject({ data: "rows", error: null });
  end();
});

test("a refusal is not asked for again", async () => {
  const { observer, nCalls, end } = observe(new ApiError(403, "forbidden", "not yours"), 1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(nCalls()).toBe(1);
  expect(observer.getCurrentResult().error?.message).toBe("not yours");
  end();
});
