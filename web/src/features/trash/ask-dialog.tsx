/**
 * Asks before something is deleted that nothing brings back.
 */

import { Button } from "@/ui/controls/button";
import { Dialog } from "@/ui/overlays/dialog";

export interface Question {
  readonly title: string;
  readonly text: string;
  /** What the button that does it says. */
  readonly button: string;
  run(): Promise<void>;
}

export function AskDialog({ asked, onClose }: { asked: Question | null; onClose(): void }) {
  if (!asked) return null;
  return (
    <Dialog
      title={asked.title}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button data-autofocus onClick={onClose}>
            Cancel
          </Button>
          <Button
            look="doom"
            onClick={() => {
              onClose();
              void asked.run();
            }}
          >
            {asked.button}
          </Button>
        </>
      }
    >
      <p className="dialog-text">{asked.text} Nothing restores them.</p>
    </Dialog>
  );
}
