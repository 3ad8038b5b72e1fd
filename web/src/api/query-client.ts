/**
 * The queries of the app: an answer stays until an event says that it is old, and a server that does not answer is
 * asked until it does.
 */

import { QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError } from "./client";

const RETRIES = 4;
/** Until the next tries, once a page has told that the server does not answer. */
const UNREACHABLE_MILLIS = 5_000;

function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 500;
}

function isUnreachable(error: unknown): boolean {
  return error instanceof ApiError && error.code === "unreachable";
}

/** @param onError is told of the failure of any query */
export function makeQueryClient(onError: (error: unknown) => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    defaultOptions: {
      queries: {
        // the event stream tells what has changed; nothing grows old by itself
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        // the server is often on this machine: the browser's idea of being offline says nothing
        networkMode: "always",
        retry: (count, error) => count < RETRIES && !isRefusal(error),
        retryDelay: (count) => Math.min(250 * 2 ** count, 4000),
        refetchInterval: ({ state }) => isUnreachable(state.error) && UNREACHABLE_MILLIS,
      },
      mutations: { networkMode: "always" },
    },
  });
}
