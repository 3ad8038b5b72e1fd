/** Invites someone to the server or a team by a link, and by mail where the server sends mail. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { invite, type OneTimeLink } from "@/api/people/invitations";
import { ROLES, type Role } from "@/api/people/teams";
import { Checkbox } from "@/ui/controls/checkbox";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { Field, TextField } from "@/ui/fields/field";
import { FormDialog, useSending } from "@/ui/overlays/dialog-form";
import { ROLE_NAMES } from "../people/role-select";
import "../people/people.css";

const DAYS = [
  { value: "1", label: "1 d" },
  { value: "7", label: "7 d" },
  { value: "30", label: "30 d" },
] as const;

interface InviteDialogProps {
  /** Null: to the server alone. */
  readonly team: string | null;
  onMade(link: OneTimeLink, mail: string): void;
  onClose(): void;
}

export function InviteDialog({ team, onMade, onClose }: InviteDialogProps) {
  const client = useQueryClient();
  const [mail, setMail] = useState("");
  const [role, setRole] = useState<Role>("member");
  const [isAdmin, setAdmin] = useState(false);
  const [days, setDays] = useState<(typeof DAYS)[number]["value"]>("7");
  const sending = useSending(async () => {
    const email = mail.trim();
    const link = await invite({
      email: email || null,
      team,
      role,
      is_admin: isAdmin,
      days: Number(days),
    });
    onMade(link, email);
    await client.invalidateQueries({ queryKey: ["invitations"] });
  });
  return (
    <FormDialog
      title={team === null ? "Invite to this server" : `Invite to ${team}`}
      sending={sending}
      className="dialog-fields"
      action="Make invitation"
      onClosed={onClose}
    >
      <TextField
        label="Mail address"
        type="email"
        placeholder="none"
        hint="Optional. You get a link to pass on either way."
        value={mail}
        error={sending.fault}
        data-autofocus
        onChange={sending.edits(setMail)}
      />
      {team === null ? (
        <Checkbox label="Administrator of this server" isOn={isAdmin} onChange={setAdmin}>
          Administrator of this server
        </Checkbox>
      ) : (
        <Field label="Role">
          <SegmentedControl
            label="Role"
            value={role}
            options={ROLES.map((value) => ({ value, label: ROLE_NAMES[value] }))}
            onChange={setRole}
          />
        </Field>
      )}
      <Field label="The link works for">
        <SegmentedControl label="The link works for" value={days} options={DAYS} onChange={setDays} />
      </Field>
    </FormDialog>
  );
}
