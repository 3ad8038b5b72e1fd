/** Asks before runs are deleted of which some are locked, which stay, or selected but not in the list. */

import { useState } from "react";
import type { RunSet } from "@/api/runs/run-requests";
import { askLocked, type LockedRuns } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { formatCount, formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { ConfirmDialog } from "@/ui/overlays/confirm-dialog";
import { Dialog } from "@/ui/overlays/dialog";
import { attempt } from "@/ui/overlays/toasts";
import { LockedList } from "../../locked-list";
import { HiddenText } from "../rows/hidden-runs";
import { askHidden, type HiddenRuns } from "../rows/hidden-selection";

interface Question {
  readonly ids: readonly string[];
  readonly locked: LockedRuns;
  readonly hidden: HiddenRuns;
}

/**
 * Deletes runs at once, as the trash gives them back; with locked ones among them, or some that the list `set` leaves
 * out, it asks.
 *
 * `ask` is to be called with the runs, and `dialog` to be put on the page.
 */
export function useDeletion(
  project: ProjectRef,
  set: RunSet,
  remove: (ids: readonly string[]) => Promise<void>,
) {
  const [question, setQuestion] = useState<Question | null>(null);
  const ask = (ids: readonly string[]) =>
    attempt("Could not delete the runs", async () => {
      const [locked, hidden] = await Promise.all([askLocked(project, ids), askHidden(project, set, ids)]);
      if (locked.n + hidden.n === 0) await remove(ids);
      else setQuestion({ ids, locked, hidden });
    });
  const dialog = question && (
    <DeleteDialog
      n={question.ids.length}
      locked={question.locked}
      hidden={question.hidden}
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
  readonly hidden: HiddenRuns;
  onClose(): void;
  onDelete(): void;
}

function DeleteDialog({ n, locked, hidden, onClose, onDelete }: DeleteDialogProps) {
  const nFree = n - locked.n;
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
        <LockedList things={locked.first} n={locked.n} />
      </Dialog>
    );
  return (
    <ConfirmDialog
      title={`Delete ${locked.n > 0 ? `${formatCount(nFree)} of ` : ""}${formatNoun(n, "run")}?`}
      isOpen
      action={`Delete ${formatNoun(nFree, "run")}`}
      onClose={onClose}
      onConfirm={() => {
        onClose();
        onDelete();
      }}
    >
      {hidden.n > 0 && (
        <p className="dialog-text">
          <HiddenText {...hidden} />
          {locked.n === 0 && " The trash keeps them all, and gives them back."}
        </p>
      )}
      {locked.n > 0 && <LockedText nFree={nFree} locked={locked} />}
    </ConfirmDialog>
  );
}

function LockedText({ nFree, locked }: { nFree: number; locked: LockedRuns }) {
  return (
    <>
      <p className="dialog-text">
        {locked.n === 1 ? "One run is locked and stays" : `${formatCount(locked.n)} runs are locked and stay`}
        . {nFree === 1 ? "The other one moves" : `The other ${formatCount(nFree)} move`} to the trash, where{" "}
        {nFree === 1 ? "it" : "they"} can be restored.
      </p>
      <LockedList things={locked.first} n={locked.n} />
    </>
  );
}
