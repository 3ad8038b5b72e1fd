import { queryOptions } from "@tanstack/react-query";
import type { FilterTree } from "@/data/filter/tree";
import { ApiError, jsonBody, requestJson } from "../client";

const RETRY_AFTER_MS = 5000;

/** Whether the server refused the text: it stays invalid. */
function isInvalid(error: unknown): boolean {
  return error instanceof ApiError && error.status === 400;
}

/** The tree of a filter's text; fails with an `ApiError` that has the `column`. */
export function filterTreeQuery(text: string) {
  return queryOptions({
    queryKey: ["filter", text] as const,
    queryFn: async ({ signal }) =>
      (
        await requestJson<{ tree: FilterTree }>("/filters/parse", {
          ...jsonBody<"FilterToRead">("POST", { filter: text }),
          signal,
        })
      ).tree,
    // A component mounted to show an error must not ask again: while it asks there is no error, so that it is
    // unmounted.
    retryOnMount: ({ state: { error, errorUpdatedAt } }) =>
      !isInvalid(error) && Date.now() - errorUpdatedAt > RETRY_AFTER_MS,
  });
}
