import { useState } from "react";
import { Button } from "@/ui/controls/button";
import { TextField } from "@/ui/fields/field";
import { Dialog } from "@/ui/overlays/dialog";

interface NameDialogProps {
  readonly title: string;
  readonly label: string;
  readonly first: string;
  readonly action: string;
  readonly hint?: string;
  problemOf?(name: string): string | null;
  onTake(name: string): void;
  onClose(): void;
}

export function NameDialog(props: NameDialogProps) {
  const { title, label, first, action, hint, problemOf, onTake, onClose } = props;
  const [text, setText] = useState(first);
  const name = text.trim();
  const problem = name === first ? null : (problemOf?.(name) ?? null);
  const take = () => {
    if (name === "" || problem) return;
    if (name !== first) onTake(name);
    onClose();
  };
  return (
    <Dialog
      title={title}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="ink" disabled={name === "" || problem !== null} onClick={take}>
            {action}
          </Button>
        </>
      }
    >
      <TextField
        label={label}
        value={text}
        hint={hint}
        error={problem}
        data-autofocus
        onFocus={(event) => event.currentTarget.select()}
        onChange={setText}
        onKeyDown={(event) => {
          if (event.key === "Enter") take();
        }}
      />
    </Dialog>
  );
}
