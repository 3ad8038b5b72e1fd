/** Work on the trash, one piece at a time: what is asked before, and what is told after. */

import { useState } from "react";
import { showDone, showFailed } from "@/ui/overlays/toasts";
import type { Question } from "./ask-dialog";

export interface TrashWork {
  readonly busy: string | null;
  readonly question: Question | null;
  ask(question: Question | null): void;
  work(id: string, action: string, act: () => Promise<string>): Promise<void>;
}

export function useTrashWork(): TrashWork {
  /** The id that is worked on; null: none. */
  const [busy, setBusy] = useState<string | null>(null);
  const [question, ask] = useState<Question | null>(null);
  const work = async (id: string, action: string, act: () => Promise<string>) => {
    setBusy(id);
    try {
      showDone(await act());
    } catch (error) {
      showFailed(`Could not ${action}`, error);
    } finally {
      setBusy(null);
    }
  };
  return { busy, question, ask, work };
}
