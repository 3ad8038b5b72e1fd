/**
 * The last change that a refetch has to show. All pages of a project refetch after an event, so the server may then
 * answer with what it has just computed for another page.
 */

import { millisSinceWrite } from "../client";

/** The id of an event; null: the answer must show everything. */
export type Seen = number | null;

/** The server shares no older answers, so later ones show what this page has changed itself. */
const SHARED_MILLIS = 1500;

let current: Seen = null;

/** Have the requests that `refetch` sends, before it returns, name the change that caused them. */
export function afterChange<T>(seen: Seen, refetch: () => T): T {
  current = millisSinceWrite() < SHARED_MILLIS ? null : seen;
  try {
    return refetch();
  } finally {
    current = null;
  }
}

/** The change that the request being made is about. */
export function seenNow(): Seen {
  return current;
}

/** A path of a request that names it. */
export function pathSince(path: string, seen: Seen): string {
  return seen === null ? path : `${path}?seen_micros=${seen}`;
}
