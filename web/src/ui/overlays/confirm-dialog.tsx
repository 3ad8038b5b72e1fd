import type { ReactNode } from "react";
import { Button } from "../controls/button";
import { Dialog } from "./dialog";

interface ConfirmDialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  /** Text of the button that does it. */
  readonly action: string;
  /** Text of the button that leaves all as it is. */
  readonly cancel?: string;
  readonly isBusy?: boolean;
  readonly children: ReactNode;
  onClose(): void;
  onConfirm(): void;
}

/** Asks before an act that cannot be taken back; Enter does not do it. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, isOpen, action, cancel = "Cancel", isBusy, children, onClose, onConfirm } = props;
  const actions = (
    <>
      <Button data-autofocus onClick={onClose}>
        {cancel}
      </Button>
      <Button look="doom" disabled={isBusy} onClick={onConfirm}>
        {action}
      </Button>
    </>
  );
  return (
    <Dialog title={title} isOpen={isOpen} onClose={onClose} actions={actions}>
      {children}
    </Dialog>
  );
}
