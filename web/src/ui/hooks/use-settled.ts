import { useEffect, useState } from "react";

const TYPING_MILLIS = 150;

/**
 * The typed text as it was a moment after the last key, for requests that every letter would repeat; an empty one at once.
 */
export function useSettled(text: string, restMillis = TYPING_MILLIS): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), text === "" ? 0 : restMillis);
    return () => clearTimeout(timer);
  }, [text, restMillis]);
  return settled;
}
