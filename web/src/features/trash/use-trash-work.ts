/**
 * Work on the trash, one piece at a time: what is asked before, and what is told after.
 */

import { useState } from "react";
import { showDone, showFailed } from "@/ui/overlays/toasts";
import type { Question } from "./ask-dialog";

export function useTrashWork() {
  /** What is worked on; null: nothing. */
  const [busy, setBusy] = useState<string | null>(null);
  const [asked, ask] = useState<Question | null>(null);
  const work = async (id: string, what: string, act: () => Promise<string>) => {
    setBusy(id);
    try {
      showDone(await act());
    } catch (error) {
      showFailed(`Could not ${what}`, error);
    } finally {
      setBusy(null);
    }
  };
  return { busy, asked, ask, work };
}
