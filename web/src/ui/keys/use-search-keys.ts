import type { RefObject } from "react";
import { usePageKeys } from "./use-page-keys";

/** Keys that go to search fields: each focuses its field when it is pressed. */
export function useSearchKeys(fields: Readonly<Record<string, RefObject<HTMLInputElement | null>>>): void {
  usePageKeys((key) => {
    const field = fields[key]?.current;
    if (!field) return false;
    field.focus();
    field.select();
    return true;
  });
}
