/**
 * Keeps what is shown until what follows is complete.
 */

import { useState } from "react";

/** @param first before anything was complete */
export function useKept<T>(now: T, isComplete: boolean, first: T): T {
  const [kept, setKept] = useState(first);
  if (!isComplete || kept === now) return kept;
  setKept(now);
  return now;
}
