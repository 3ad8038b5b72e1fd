/**
 * The last change on the server that Ctrl Z takes back, as it takes back changes of the view, whichever is newer.
 */

import { isMod } from "@/ui/keys/key-hint";
import { TEXT_FIELDS } from "@/ui/keys/page-keys";
import { dismissActed } from "@/ui/overlays/toasts";

interface Act {
  readonly millis: number;
  restore(): void;
}

let last: Act | null = null;

/** Something was deleted or changed, and `restore` takes it back. Returns the same for a button; it happens once. */
export function noteAct(restore: () => void): () => void {
  let isRestored = false;
  const act: Act = {
    millis: performance.now(),
    restore() {
      if (last === act) last = null;
      dismissActed(act.restore);
      if (!isRestored) restore();
      isRestored = true;
    },
  };
  last = act;
  return act.restore;
}

/** Take back what was done last, unless something else was done since; whether there was such a thing. */
export function takeBackAct(sinceMillis = Number.NEGATIVE_INFINITY): boolean {
  if (last === null || last.millis < sinceMillis) return false;
  last.restore();
  return true;
}

/** Whether a key asks for undo or redo; in a field, which has its own, neither. */
export function undoOf(event: KeyboardEvent): "undo" | "redo" | null {
  const key = event.key.toLowerCase();
  if (!isMod(event) || event.altKey || (key !== "z" && key !== "y")) return null;
  if (event.target instanceof Element && event.target.closest(TEXT_FIELDS)) return null;
  return key === "z" && !event.shiftKey ? "undo" : "redo";
}
