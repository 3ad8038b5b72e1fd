/**
 * A query that most components of a kind don't make. One that is off by `enabled` costs as much in each render as one
 * that is on: its key is hashed, an observer stands at it.
 */

import { type QueryKey, type UseQueryOptions, type UseQueryResult, useQueries } from "@tanstack/react-query";

/** As the library's type of a list, which is by each of its entries. */
type Queries = Parameters<typeof useQueries<UseQueryOptions[], UseQueryResult[]>>[0]["queries"];

const NO_QUERIES: readonly UseQueryOptions[] = [];

/**
 * @param options null: no query. Data of another key is no placeholder: `keepPreviousData` has no effect here
 */
export function useOptionalQuery<Answer, Data, Key extends QueryKey>(
  options: UseQueryOptions<Answer, Error, Data, Key> | null,
): UseQueryResult<Data> | null {
  const queries = (options ? [options] : NO_QUERIES) as unknown as Queries;
  const [result = null] = useQueries<UseQueryOptions[], UseQueryResult[]>({ queries });
  return result as UseQueryResult<Data> | null;
}
