/**
 * Changes the password of the signed-in user; all their other browsers are signed out.
 */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Account, accountQuery, changePassword } from "@/api/people/account";
import { TextField } from "@/ui/fields/field";
import { Dialog } from "@/ui/overlays/dialog";
import { DialogForm, useSending } from "@/ui/overlays/dialog-form";
import { showDone } from "@/ui/overlays/toasts";
import "../../people/people.css";

export function PasswordDialog({ account, onClose }: { account: Account; onClose(): void }) {
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(true);
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const sending = useSending(async () => {
    await changePassword(next, account.has_password ? old : null);
    setOpen(false);
    showDone("The password is changed; your other browsers are signed out");
    await client.invalidateQueries({ queryKey: accountQuery.queryKey });
  });
  const type = (set: (text: string) => void) => (text: string) => {
    set(text);
    sending.clearFault();
  };
  const differ = again !== "" && !next.startsWith(again) && again !== next;
  return (
    <Dialog
      title={account.has_password ? "Change the password" : "Set a password"}
      isOpen={isOpen}
      hasInput
      onClose={() => setOpen(false)}
      onClosed={onClose}
    >
      <DialogForm
        sending={sending}
        className="dialog-fields"
        action={account.has_password ? "Change password" : "Set password"}
        isReady={next !== "" && next === again && (!account.has_password || old !== "")}
        onCancel={() => setOpen(false)}
      >
        {account.has_password && (
          <TextField
            label="Current password"
            type="password"
            autoComplete="current-password"
            value={old}
            data-autofocus
            onChange={type(setOld)}
          />
        )}
        <TextField
          label="New password"
          type="password"
          autoComplete="new-password"
          hint="At least 12 characters. A few words are easier to remember than signs."
          value={next}
          onChange={type(setNext)}
        />
        <TextField
          label="New password again"
          type="password"
          autoComplete="new-password"
          value={again}
          error={differ ? "The two passwords differ" : sending.fault}
          onChange={type(setAgain)}
        />
      </DialogForm>
    </Dialog>
  );
}
