/**
 * Adds a user of this server to a team.
 */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ROLES, type Role, setMember, teamQuery } from "@/api/people/teams";
import { usersQuery } from "@/api/people/users";
import { serverQuery } from "@/api/projects";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { Combobox } from "@/ui/fields/combobox";
import { Field } from "@/ui/fields/field";
import { Dialog } from "@/ui/overlays/dialog";
import { DialogForm, useSending } from "@/ui/overlays/dialog-form";
import { ROLE_NAMES } from "../../people/role-select";

const SUGGESTIONS = 8;

export function AddMemberDialog({ team, onClose }: { team: string; onClose(): void }) {
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(true);
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("member");
  const { data: isAdmin = false } = useQuery({ ...serverQuery, select: (server) => server.is_admin });
  // only administrators may list the users
  const { data: users = [] } = useQuery({ ...usersQuery, enabled: isAdmin });
  const sending = useSending(async () => {
    await setMember(team, name.trim(), role);
    await client.invalidateQueries({ queryKey: teamQuery(team).queryKey });
    setOpen(false);
  });
  const needle = name.trim().toLowerCase();
  return (
    <Dialog
      title={`Add a user to ${team}`}
      isOpen={isOpen}
      hasInput
      onClose={() => setOpen(false)}
      onClosed={onClose}
    >
      <DialogForm
        sending={sending}
        className="dialog-fields"
        action="Add"
        isReady={needle !== ""}
        onCancel={() => setOpen(false)}
      >
        <Field
          label="User name"
          hint="Of someone who has an account here. Invite others by a link."
          error={sending.fault}
        >
          <Combobox
            label="User name"
            text={name}
            autoFocus
            suggestions={users
              .filter((user) => needle !== "" && user.name.toLowerCase().includes(needle))
              .slice(0, SUGGESTIONS)
              .map((user) => ({ value: user.name }))}
            nothing={null}
            onText={(text) => {
              setName(text);
              sending.clearFault();
            }}
            onChoose={setName}
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
      </DialogForm>
    </Dialog>
  );
}
