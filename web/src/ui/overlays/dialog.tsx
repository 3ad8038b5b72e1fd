/** A dialog: only where an act cannot be taken back, or where it needs the whole attention. */

import { useState } from "react";
import { later } from "../parts/later";
import type { DialogProps } from "./dialog-window";
import { useReturnFocus } from "./use-return-focus";

const IN_DIALOG = "[role=dialog], [role=dialog] *";

export const loadDialogWindow = () => import("./dialog-window").then((file) => file.DialogWindow);
const DialogWindow = later(loadDialogWindow);

export function Dialog(props: DialogProps) {
  const { isOpen } = props;
  useReturnFocus(isOpen, IN_DIALOG);
  const [wasOpen, setWasOpen] = useState(isOpen);
  if (isOpen && !wasOpen) setWasOpen(true);
  return wasOpen && <DialogWindow {...props} />;
}
