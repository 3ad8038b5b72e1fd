/**
 * Changes on the server that Ctrl Z takes back, as it takes back changes of the view, the newest of all first.
 */

import { createStore, useStore } from "zustand";
import { isMod } from "@/ui/keys/key-hint";
import { TEXT_FIELDS } from "@/ui/keys/page-keys";
import { dismissActed } from "@/ui/overlays/toasts";

interface Act {
  readonly millis: number;
  restore(): void;
}

/** Oldest first, without those that were taken back. */
const acts = createStore<readonly Act[]>(() => []);

/** Whether there is a change that `takeBackAct` takes back. */
export function useHasAct(): boolean {
  return useStore(acts, (all) => all.length > 0);
}

/** Something was deleted or changed, and `restore` takes it back. Returns the same for a button; it happens once. */
export function noteAct(restore: () => void): () => void {
  const act: Act = {
    millis: performance.now(),
    restore() {
      dismissActed(act.restore);
      if (!acts.getState().includes(act)) return;
      acts.setState((all) => all.filter((other) => other !== act), true);
      restore();
    },
  };
  acts.setState((all) => [...all, act], true);
  return act.restore;
}

/** Take back what was done last, unless something else was done since; whether there was such a thing. */
export function takeBackAct(sinceMillis = 0): boolean {
  const last = acts.getState().at(-1);
  if (!last || last.millis < sinceMillis) return false;
  last.restore();
  return true;
}

/** Whether a key asks for undo or redo; in one of the `fields`, which have their own, neither. */
export function undoOf(event: KeyboardEvent, fields = TEXT_FIELDS): "undo" | "redo" | null {
  const key = event.key.toLowerCase();
  if (!isMod(event) || event.altKey || (key !== "z" && key !== "y")) return null;
  if (event.target instanceof Element && event.target.closest(fields)) return null;
  return key === "z" && !event.shiftKey ? "undo" : "redo";
}
