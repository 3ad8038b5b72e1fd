/** Asks before runs are deleted of which some are locked: those stay. */

import { useState } from "react";
import { askLocked, type LockedRuns } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { formatCount, formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { ConfirmDialog } from "@/ui/overlays/confirm-dialog";
import { Dialog } from "@/ui/overlays/dialog";
import { attempt } from "@/ui/overlays/toasts";
import { LockedList } from "../../locked-list";

/**
 * Deletes runs that are not locked at once, as the trash gives them back; with locked ones among them it asks.
 *
 * `ask` is to be called with the runs, and `dialog` to be put on the page.
 */
export function useDeletion(project: ProjectRef, remove: (ids: readonly string[]) => Promise<void>) {
  const [question, setQuestion] = useState<{ ids: readonly string[]; locked: LockedRuns } | null>(null);
  const ask = (ids: readonly string[]) =>
    attempt("Could not delete the runs", async () => {
      const locked = await askLocked(project, ids);
      if (locked.n === 0) await remove(ids);
      else setQuestion({ ids, locked });
    });
  const dialog = question && (
    <DeleteDialog
      n={question.ids.length}
      locked={question.locked}
      onClose={() => setQuestion(null)}
      onDelete={() => void remove(question.ids)}
    />
  );
  return { ask, dialog };
}

interface DeleteDialogProps {
  /** Of the chosen runs, the locked ones included. */
  readonly n: number;
  readonly locked: LockedRuns;
  onClose(): void;
  onDelete(): void;
}

function DeleteDialog({ n, locked, onClose, onDelete }: DeleteDialogProps) {
  const nFree = n - locked.n;
  const list = <LockedList things={locked.first} n={locked.n} />;
  if (nFree <= 0)
    return (
      <Dialog
        title={n === 1 ? "This run is locked" : "These runs are locked"}
        isOpen
        onClose={onClose}
        actions={
          <Button data-autofocus onClick={onClose}>
            Close
          </Button>
        }
      >
        <p className="dialog-text">Nothing is deleted. Unlock what you want to delete, then delete it.</p>
        {list}
      </Dialog>
    );
  return (
    <ConfirmDialog
      title={`Delete ${formatCount(nFree)} of ${formatNoun(n, "run")}?`}
      isOpen
      action={`Delete ${formatNoun(nFree, "run")}`}
      onClose={onClose}
      onConfirm={() => {
        onClose();
        onDelete();
      }}
    >
      <p className="dialog-text">
        {locked.n === 1 ? "One run is locked and stays" : `${formatCount(locked.n)} runs are locked and stay`}
        . {nFree === 1 ? "The other one moves" : `The other ${formatCount(nFree)} move`} to the trash, where{" "}
        {nFree === 1 ? "it" : "they"} can be restored.
      </p>
      {list}
    </ConfirmDialog>
  );
}
