/** A handler that never changes, for memoised children, and always does what the latest render says. */

import { useCallback, useLayoutEffect, useRef } from "react";

export function useStable<A extends unknown[], R>(handler: (...args: A) => R): (...args: A) => R {
  const latest = useRef(handler);
  useLayoutEffect(() => {
    latest.current = handler;
  });
  return useCallback((...args: A) => latest.current(...args), []);
}
