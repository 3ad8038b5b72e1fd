/**
 * The form of a dialog, which sends what was typed: once at a time, and it stays open with the fault of a refusal.
 */

import { type ReactNode, useState } from "react";
import { faultText } from "@/data/text/fault-text";
import { Button } from "../controls/button";

interface Sending {
  /** Why the last try failed, until something is changed. */
  readonly fault: string | null;
  readonly isBusy: boolean;
  clearFault(): void;
  begin(): void;
}

/** @param send closes the dialog or leads elsewhere once it is done; its rejection is the fault. */
export function useSending(send: () => Promise<unknown>): Sending {
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const begin = async () => {
    setBusy(true);
    setFault(null);
    try {
      await send();
    } catch (error) {
      setFault(faultText(error));
      setBusy(false);
    }
  };
  return { fault, isBusy, clearFault: () => setFault(null), begin: () => void begin() };
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
