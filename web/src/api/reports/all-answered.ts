import type { QueryClient } from "@tanstack/react-query";

const CHECK_MILLIS = 100;
/** Without a request for so long, all answers have come, and charts are drawn. */
const STILL_MILLIS = 600;
const MOST_MILLIS = 30_000;

/** Waits until no query of a client has been on its way for a while; at most half a minute. */
export function allAnswered(client: QueryClient): Promise<void> {
  const begin = performance.now();
  let stillSince = begin;
  return new Promise((done) => {
    const check = () => {
      const now = performance.now();
      if (client.isFetching() > 0) stillSince = now;
      if (now - stillSince >= STILL_MILLIS || now - begin >= MOST_MILLIS) done();
      else setTimeout(check, CHECK_MILLIS);
    };
    check();
  });
}
