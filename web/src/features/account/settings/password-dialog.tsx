/** Changes the password of the signed-in user; all their other browsers are signed out. */

import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { ApiError } from "@/api/client";
import { type Account, accountQuery, changePassword } from "@/api/people/account";
import { TextField } from "@/ui/fields/field";
import { FormDialog, useSending } from "@/ui/overlays/dialog-form";
import { showDone } from "@/ui/overlays/toasts";
import "../../people/people.css";

export function PasswordDialog({ account, onClose }: { account: Account; onClose(): void }) {
  const client = useQueryClient();
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [wrongField, setWrongField] = useState<"old" | "new">("new");
  const oldField = useRef<HTMLInputElement>(null);
  const newField = useRef<HTMLInputElement>(null);
  const sending = useSending(async () => {
    try {
      await changePassword(next, account.has_password ? old : null);
    } catch (error) {
      const isOld = error instanceof ApiError && error.errors.some(({ field }) => field === "old_password");
      setWrongField(isOld ? "old" : "new");
      const input = (isOld ? oldField : newField).current;
      input?.focus();
      input?.select();
      throw error;
    }
    showDone("The password is changed; your other browsers are signed out");
    void client.invalidateQueries({ queryKey: accountQuery.queryKey });
  });
  const differ = again !== "" && !next.startsWith(again) && again !== next;
  return (
    <FormDialog
      title={account.has_password ? "Change the password" : "Set a password"}
      sending={sending}
      className="dialog-fields"
      action={account.has_password ? "Change password" : "Set password"}
      isReady={next !== "" && next === again && (!account.has_password || old !== "")}
      onClosed={onClose}
    >
      {account.has_password && (
        <TextField
          label="Current password"
          type="password"
          autoComplete="current-password"
          value={old}
          error={wrongField === "old" ? sending.fault : null}
          ref={oldField}
          data-autofocus
          onChange={sending.edits(setOld)}
        />
      )}
      <TextField
        label="New password"
        type="password"
        autoComplete="new-password"
        hint="At least 12 characters. A few words are easier to remember than signs."
        value={next}
        error={wrongField === "new" ? sending.fault : null}
        ref={newField}
        onChange={sending.edits(setNext)}
      />
      <TextField
        label="New password again"
        type="password"
        autoComplete="new-password"
        value={again}
        error={differ ? "The two passwords differ" : null}
        onChange={sending.edits(setAgain)}
      />
    </FormDialog>
  );
}
