/** The window of a dialog, with the code that locks the page below it. */

import { Modal } from "@mantine/core";
import type { ReactNode } from "react";

export interface DialogProps {
  readonly title: ReactNode;
  readonly isOpen: boolean;
  readonly width?: number;
  readonly children: ReactNode;
  /** Whether it holds what a person types: a click outside then does not throw that away. */
  readonly hasInput?: boolean;
  /** Buttons at the lower right; the safe one first. */
  readonly actions?: ReactNode;
  onClose(): void;
  /** It has faded out. */
  onClosed?(): void;
}

export function DialogWindow(props: DialogProps) {
  const { title, isOpen, width = 420, children, actions, hasInput = false, onClose, onClosed } = props;
  return (
    <Modal
      returnFocus={false}
      opened={isOpen}
      onClose={onClose}
      onExitTransitionEnd={onClosed}
      title={title}
      size={width}
      closeOnClickOutside={!hasInput}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {children}
      {actions && <div className="dialog-end">{actions}</div>}
    </Modal>
  );
}
