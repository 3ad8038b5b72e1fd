/** Names a view, and says who has it in their list. */

import { type FormEvent, useId, useState } from "react";
import { Button } from "@/ui/controls/button";
import { Switch } from "@/ui/controls/switch";
import { TextField } from "@/ui/fields/field";
import { Dialog } from "@/ui/overlays/dialog";
import type { Fault, NamedKind } from "./saved-views";

/** The server takes no longer names. */
const MAX_NAME_CHARS = 200;

interface ViewDialogProps {
  readonly title: string;
  readonly action: string;
  readonly firstName: string;
  readonly firstKind: NamedKind;
  /** Null: it is done, and the dialog closes. */
  onTake(name: string, kind: NamedKind): Promise<Fault>;
  onClose(): void;
}

export function ViewDialog({ title, action, firstName, firstKind, onTake, onClose }: ViewDialogProps) {
  const [name, setName] = useState(firstName.slice(0, MAX_NAME_CHARS));
  const [kind, setKind] = useState(firstKind);
  const [fault, setFault] = useState<Fault>(null);
  const [isBusy, setBusy] = useState(false);
  const [isOpen, setOpen] = useState(true);
  const form = useId();
  const take = async (event: FormEvent) => {
    event.preventDefault();
    if (isBusy || name.trim() === "") return;
    setBusy(true);
    const fault = await onTake(name.trim(), kind);
    setBusy(false);
    setFault(fault);
    if (fault === null) setOpen(false);
  };
  return (
    <Dialog
      title={title}
      isOpen={isOpen}
      onClose={() => setOpen(false)}
      onClosed={onClose}
      actions={
        <>
          <Button onClick={() => setOpen(false)}>Cancel</Button>
          <Button type="submit" form={form} look="ink" disabled={name.trim() === "" || isBusy}>
            {action}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={take} className="view-form">
        <TextField
          label="Name"
          value={name}
          error={fault}
          maxLength={MAX_NAME_CHARS}
          data-autofocus
          onFocus={(event) => event.target.select()}
          onChange={(text) => {
            setName(text);
            setFault(null);
          }}
        />
        <Switch
          label="Shared with everyone in the project"
          isOn={kind === "shared"}
          isLabelVisible
          onChange={(isShared) => setKind(isShared ? "shared" : "personal")}
        />
      </form>
    </Dialog>
  );
}

interface ConflictDialogProps {
  readonly name: string;
  onSaveOver(): void;
  onTakeTheirs(): void;
  onSaveAs(): void;
  onClose(): void;
}

/** Somebody else has saved the same view since it was opened. */
export function ConflictDialog({ name, onSaveOver, onTakeTheirs, onSaveAs, onClose }: ConflictDialogProps) {
  const [isOpen, setOpen] = useState(true);
  const after = (act: () => void) => () => {
    setOpen(false);
    act();
  };
  return (
    <Dialog
      title={`${name} was changed meanwhile`}
      width={480}
      isOpen={isOpen}
      onClose={() => setOpen(false)}
      onClosed={onClose}
      actions={
        <>
          <Button onClick={after(onTakeTheirs)}>Show theirs</Button>
          <Button onClick={after(onSaveAs)}>Save as new view</Button>
          <Button look="doom" onClick={after(onSaveOver)}>
            Save over it
          </Button>
        </>
      }
    >
      <p className="dialog-text">
        Somebody saved this view after you opened it. Yours can take its place, become a view of its own, or
        give way; what gives way here comes back with undo.
      </p>
    </Dialog>
  );
}
