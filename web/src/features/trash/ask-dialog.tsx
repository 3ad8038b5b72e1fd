/** Asks before something is deleted that nothing brings back. */

import { ConfirmDialog } from "@/ui/overlays/confirm-dialog";

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
    <ConfirmDialog
      title={question.title}
      isOpen
      action={question.button}
      onClose={onClose}
      onConfirm={() => {
        onClose();
        void question.run();
      }}
    >
      <p className="dialog-text">{question.text} Nothing restores them.</p>
    </ConfirmDialog>
  );
}
