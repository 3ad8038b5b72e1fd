/**
 * Filters as the server reads them: the tree of a text, or where the text is wrong.
 */

import { queryOptions } from "@tanstack/react-query";
import type { FilterTree } from "@/data/filter/tree";
import { ApiError, jsonBody, requestJson } from "./client";

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
    // an invalid text stays invalid: what is mounted to tell of it must not ask again, and be unmounted meanwhile
    retryOnMount: ({ state: { error } }) => !(error instanceof ApiError && error.status === 400),
  });
}
