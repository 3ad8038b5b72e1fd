/** A dialog that edits a sweep's name, description, and how many runs it may have. */

import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { editSweep, type Sweep } from "@/api/sweeps/sweeps";
import type { ProjectRef } from "@/api/types";
import { formatNoun } from "@/data/text/format";
import { Field, TextField } from "@/ui/fields/field";
import { Dialog } from "@/ui/overlays/dialog";
import { DialogForm, useSending } from "@/ui/overlays/dialog-form";
import { nRuns, sweepName } from "./sweep-words";

interface SweepEditProps {
  readonly project: ProjectRef;
  readonly sweep: Sweep;
  onClose(): void;
}

export function SweepEditDialog({ isOpen, ...props }: SweepEditProps & { readonly isOpen: boolean }) {
  return (
    <Dialog title="Edit the sweep" isOpen={isOpen} width={520} hasInput onClose={props.onClose}>
      <SweepEditForm {...props} />
    </Dialog>
  );
}

function SweepEditForm({ project, sweep, onClose }: SweepEditProps) {
  const client = useQueryClient();
  const descriptionId = useId();
  // what others change meanwhile is not changed back
  const [first] = useState(sweep);
  const [name, setName] = useState(sweepName(sweep));
  const [description, setDescription] = useState(sweep.description);
  const [cap, setCap] = useState(sweep.run_cap === null ? "" : String(sweep.run_cap));
  const runCap = cap.trim() === "" ? null : Number(cap);
  const isCapValid = runCap === null || (Number.isSafeInteger(runCap) && runCap >= 1);
  const sending = useSending(async () => {
    await editSweep(client, project, sweep.id, {
      ...(name.trim() !== sweepName(first) && { name: name.trim() }),
      ...(description !== first.description && { description }),
      ...(runCap !== first.run_cap && { run_cap: runCap }),
    });
    onClose();
  });
  return (
    <DialogForm
      sending={sending}
      className="sweep-edit"
      action="Save"
      isReady={isCapValid}
      onCancel={onClose}
    >
      <TextField label="Name" value={name} maxLength={1000} placeholder={sweep.id} onChange={setName} />
      <Field label="Description" htmlFor={descriptionId}>
        <textarea
          id={descriptionId}
          rows={5}
          maxLength={100_000}
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
      </Field>
      <TextField
        label="Most runs"
        value={cap}
        inputMode="numeric"
        placeholder="no limit"
        hint={`${formatNoun(nRuns(sweep), "run")} so far. No new runs begin once the limit is reached; running ones continue.`}
        error={isCapValid ? null : `Not a whole number from 1 on: ${cap}`}
        onChange={setCap}
      />
      {sending.fault !== null && (
        <p className="errt" role="alert">
          {sending.fault}
        </p>
      )}
    </DialogForm>
  );
}
