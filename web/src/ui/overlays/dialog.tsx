/**
 * A dialog: only where an act cannot be taken back, or where it needs the whole attention.
 */

import { Modal } from "@mantine/core";
import type { ReactNode } from "react";

interface DialogProps {
  readonly title: ReactNode;
  readonly isOpen: boolean;
  readonly width?: number;
  readonly children: ReactNode;
  /** Buttons at the lower right; the safe one first. */
  readonly actions?: ReactNode;
  onClose(): void;
  /** It has faded out. */
  onClosed?(): void;
}

export function Dialog({ title, isOpen, width = 420, children, actions, onClose, onClosed }: DialogProps) {
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      onExitTransitionEnd={onClosed}
      title={title}
      size={width}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {children}
      {actions && <div className="dialog-end">{actions}</div>}
    </Modal>
  );
}
