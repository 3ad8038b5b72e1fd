/**
 * An act that waits for what it needs to know: asked for early, it is done with the first render that has it.
 */

import { useCallback, useEffect, useState } from "react";
import { useStable } from "./use-stable";

/** Returns the function that asks for `act`; always the same one. Asked for twice before, it is done once. */
export function useAwaited(isReady: boolean, act: () => void): () => void {
  const [isAsked, setAsked] = useState(false);
  const latest = useStable(act);
  useEffect(() => {
    if (!isAsked || !isReady) return;
    setAsked(false);
    latest();
  }, [isAsked, isReady, latest]);
  return useCallback(() => setAsked(true), []);
}
