/**
 * A dialog that edits a sweep's name, description, and how many runs it may have.
 */

import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { editSweep, type Sweep } from "@/api/sweeps";
import type { ProjectRef } from "@/api/types";
import { formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { Field, TextField } from "@/ui/fields/field";
import { Dialog } from "@/ui/overlays/dialog";
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
  const [failure, setFailure] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const runCap = cap.trim() === "" ? null : Number(cap);
  const isCapValid = runCap === null || (Number.isSafeInteger(runCap) && runCap >= 1);
  const save = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await editSweep(client, project, sweep.id, {
        ...(name.trim() !== sweepName(first) && { name: name.trim() }),
        ...(description !== first.description && { description }),
        ...(runCap !== first.run_cap && { run_cap: runCap }),
      });
      onClose();
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  };
  return (
    <form
      className="sweep-edit"
      onSubmit={(event) => {
        event.preventDefault();
        if (isCapValid && !isBusy) void save();
      }}
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
      {failure !== null && (
        <p className="errt" role="alert">
          {failure}
        </p>
      )}
      <div className="dialog-end">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="ink" type="submit" disabled={!isCapValid || isBusy}>
          Save
        </Button>
      </div>
    </form>
  );
}
