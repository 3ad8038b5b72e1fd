import { useState } from "react";

/**
 * Keeps what is shown until what follows is complete.
 *
 * @param first before anything was complete
 */
export function useLastComplete<T>(now: T, isComplete: boolean, first: T): T {
  const [complete, setComplete] = useState(first);
  if (!isComplete || complete === now) return complete;
  setComplete(now);
  return now;
}
