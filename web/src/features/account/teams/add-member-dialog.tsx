/** Adds a user of this server to a team. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ROLES, type Role, setMember, teamQuery } from "@/api/people/teams";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { Field } from "@/ui/fields/field";
import { FormDialog, useSending } from "@/ui/overlays/dialog-form";
import { ROLE_NAMES } from "../../people/role-select";
import { UserField } from "../../people/user-field";

export function AddMemberDialog({ team, onClose }: { team: string; onClose(): void }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("member");
  const sending = useSending(async () => {
    await setMember(team, name.trim(), role);
    await client.invalidateQueries({ queryKey: teamQuery(team).queryKey });
  });
  return (
    <FormDialog
      title={`Add a user to ${team}`}
      sending={sending}
      className="dialog-fields"
      action="Add"
      isReady={name.trim() !== ""}
      onClosed={onClose}
    >
      <Field label="User name" hint="Of someone who has an account here. Invite others by a link.">
        <UserField
          label="User name"
          text={name}
          error={sending.fault}
          autoFocus
          peopleOnly
          onText={sending.edits(setName)}
        />
      </Field>
      <Field label="Role">
        <SegmentedControl
          label="Role"
          value={role}
          options={ROLES.map((value) => ({ value, label: ROLE_NAMES[value] }))}
          onChange={setRole}
        />
      </Field>
    </FormDialog>
  );
}
