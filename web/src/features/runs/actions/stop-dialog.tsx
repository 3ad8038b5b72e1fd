/** Asks before running runs are stopped, because a stop cannot be taken back. */

import type { ReactNode } from "react";
import { ConfirmDialog } from "@/ui/overlays/confirm-dialog";

interface StopDialogProps {
  /** The runs to stop: a name, or their number. */
  readonly subject: string;
  readonly isOpen: boolean;
  /** A paragraph about the runs. */
  readonly children?: ReactNode;
  onClose(): void;
  onStop(): void;
}

export function StopDialog({ subject, isOpen, children, onClose, onStop }: StopDialogProps) {
  return (
    <ConfirmDialog
      title={`Stop ${subject}?`}
      isOpen={isOpen}
      action="Stop"
      onClose={onClose}
      onConfirm={() => {
        onClose();
        onStop();
      }}
    >
      <p className="dialog-text">
        The next <code>log()</code> of each raises KeyboardInterrupt. That cannot be taken back.
      </p>
      {children}
    </ConfirmDialog>
  );
}
