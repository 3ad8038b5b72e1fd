/**
 * Asks before running runs are stopped, because a stop cannot be taken back.
 */

import { Button } from "@/ui/controls/button";
import { Dialog } from "@/ui/overlays/dialog";

interface StopDialogProps {
  /** The runs to stop: a name, or their number. */
  readonly subject: string;
  readonly isOpen: boolean;
  onClose(): void;
  onStop(): void;
}

export function StopDialog({ subject, isOpen, onClose, onStop }: StopDialogProps) {
  return (
    <Dialog
      title={`Stop ${subject}?`}
      isOpen={isOpen}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="doom"
            onClick={() => {
              onClose();
              onStop();
            }}
          >
            Stop
          </Button>
        </>
      }
    >
      The next <code>log()</code> of each raises KeyboardInterrupt. That cannot be taken back.
    </Dialog>
  );
}
