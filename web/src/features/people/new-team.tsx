/** Makes a team, and leads to its page. */

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { createTeam, teamsQuery } from "@/api/people/teams";
import { TextField } from "@/ui/fields/field";
import { FormDialog, useSending } from "@/ui/overlays/dialog-form";
import "./people.css";

export function NewTeam({ onClose }: { onClose(): void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [displayName, setDisplayName] = useState("");
  const sending = useSending(async () => {
    const { team } = await createTeam(name.trim(), displayName.trim());
    await client.invalidateQueries({ queryKey: teamsQuery.queryKey });
    await navigate({ to: "/teams/$team", params: { team: team.name } });
  });
  return (
    <FormDialog
      title="New team"
      sending={sending}
      className="dialog-fields"
      action="Make team"
      isReady={name.trim() !== ""}
      onClosed={onClose}
    >
      <TextField
        label="Name"
        placeholder="vision"
        hint="In links, and in weft.init(entity=…). It stays."
        value={name}
        error={sending.fault}
        data-autofocus
        onChange={sending.edits(setName)}
      />
      <TextField
        label="Display name"
        placeholder={name.trim() || "Vision lab"}
        hint="As pages show it. You can change it later."
        value={displayName}
        onChange={setDisplayName}
      />
    </FormDialog>
  );
}
