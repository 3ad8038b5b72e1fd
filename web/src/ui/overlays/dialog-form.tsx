/**
 * The form of a dialog, which sends what was typed: once at a time, and it stays open with the fault of a refusal.
 */

import { type ReactNode, useState } from "react";
import { faultText } from "@/data/text/fault-text";
import { Button } from "../controls/button";
import { Dialog } from "./dialog";

interface Sending {
  /** Why the last try failed, until something is changed. */
  readonly fault: string | null;
  readonly isBusy: boolean;
  /** Of a `FormDialog`: until it is closed, or sent. */
  readonly isOpen: boolean;
  close(): void;
  /** The handler of a field: it sets its value, and the fault is gone. */
  edits<Value>(set: (value: Value) => void): (value: Value) => void;
  begin(): void;
}

/** @param send its rejection is the fault. */
export function useSending(send: () => Promise<unknown>): Sending {
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [isOpen, setOpen] = useState(true);
  const close = () => setOpen(false);
  const begin = async () => {
    setBusy(true);
    setFault(null);
    try {
      await send();
      close();
    } catch (error) {
      setFault(faultText(error));
      setBusy(false);
    }
  };
  const edits =
    <Value,>(set: (value: Value) => void) =>
    (value: Value) => {
      set(value);
      setFault(null);
    };
  return { fault, isBusy, isOpen, close, edits, begin: () => void begin() };
}

interface DialogFormProps {
  readonly sending: Sending;
  readonly className?: string;
  /** The text of the button that sends it. */
  readonly action: string;
  readonly isReady?: boolean;
  readonly children: ReactNode;
  onCancel(): void;
}

export function DialogForm(props: DialogFormProps) {
  const { sending, className, action, isReady = true, children, onCancel } = props;
  const canSend = isReady && !sending.isBusy;
  return (
    <form
      className={className}
      onSubmit={(event) => {
        event.preventDefault();
        if (canSend) sending.begin();
      }}
    >
      {children}
      <div className="dialog-end">
        <Button onClick={onCancel}>Cancel</Button>
        <Button look="ink" type="submit" disabled={!canSend}>
          {action}
        </Button>
      </div>
    </form>
  );
}

interface FormDialogProps extends Omit<DialogFormProps, "onCancel"> {
  readonly title: string;
  readonly width?: number;
  /** It has faded out, and is to be unmounted. */
  onClosed(): void;
}

/** A dialog that is open while it is mounted, until its form is sent. */
export function FormDialog({ title, width, onClosed, ...form }: FormDialogProps) {
  const { isOpen, close } = form.sending;
  return (
    <Dialog title={title} isOpen={isOpen} width={width} hasInput onClose={close} onClosed={onClosed}>
      <DialogForm {...form} onCancel={close} />
    </Dialog>
  );
}
