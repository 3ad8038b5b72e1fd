/**
 * Keys that go to search fields, wherever the focus is but in a field.
 */

import { type RefObject, useEffect, useEffectEvent } from "react";

/** Focus the field of a key when it is pressed. */
export function useSearchKeys(fields: Readonly<Record<string, RefObject<HTMLInputElement | null>>>): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      target.matches("input, textarea, [contenteditable]")
    )
      return;
    const field = fields[event.key]?.current;
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    document.addEventListener("keydown", listener);
    return () => document.removeEventListener("keydown", listener);
  }, []);
}
