/**
 * Asks before something is deleted that nothing brings back.
 */

import { Button } from "@/ui/controls/button";
import { Dialog } from "@/ui/overlays/dialog";

export interface Question {
  readonly title: string;
  readonly text: string;
  /** Label of the button that does it. */
  readonly button: string;
  run(): Promise<void>;
}

export function AskDialog({ question, onClose }: { question: Question | null; onClose(): void }) {
  if (!question) return null;
  return (
    <Dialog
      title={question.title}
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
              void question.run();
            }}
          >
            {question.button}
          </Button>
        </>
      }
    >
      <p className="dialog-text">{question.text} Nothing restores them.</p>
    </Dialog>
  );
}
