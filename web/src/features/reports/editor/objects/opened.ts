/** The object whose fields are open; one at a time. */

import { create } from "zustand";

const useOpened = create<string | null>(() => null);

export function openObject(id: string | null): void {
  useOpened.setState(id, true);
}

export function useIsOpened(id: string): boolean {
  return useOpened((opened) => opened === id);
}

/** Of an object in a line, which has no id of its own: by its position, as long as its window is open. */
export function inlineId(position: number | undefined): string {
  return `inline-${position}`;
}
