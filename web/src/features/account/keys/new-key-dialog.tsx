/** Makes a key: its name, what it may do, where, and until when. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { createKey, KEY_SCOPES, type KeyScope, type NewKey } from "@/api/people/keys";
import { projectsQuery } from "@/api/projects";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { Combobox } from "@/ui/fields/combobox";
import { Field, TextField } from "@/ui/fields/field";
import { FormDialog, useSending } from "@/ui/overlays/dialog-form";
import "../../people/people.css";

const RIGHTS: Readonly<Record<KeyScope, string>> = {
  read: "Reads what its owner may read.",
  log: "Also sends runs, files and versions, as a script does.",
  write: "Also edits and deletes runs.",
  admin: "Anything its owner may do, also settings and roles.",
};

const DAYS = [
  { value: "30", label: "30 d" },
  { value: "90", label: "90 d" },
  { value: "365", label: "1 y" },
  { value: "", label: "Never" },
] as const;

interface NewKeyDialogProps {
  readonly user: string | null;
  onMade(key: NewKey): void;
  onClose(): void;
}

export function NewKeyDialog({ user, onMade, onClose }: NewKeyDialogProps) {
  const [name, setName] = useState("");
  const [scope, setScope] = useState<KeyScope>("log");
  const [limit, setLimit] = useState("");
  const [days, setDays] = useState<(typeof DAYS)[number]["value"]>("90");
  const sending = useSending(async () => {
    const [entity = "", project = ""] = limit.trim().split("/");
    const key = await createKey(user, {
      name: name.trim(),
      scope,
      entity: entity || null,
      project: project || null,
      days: days === "" ? null : Number(days),
    });
    onMade(key);
  });
  return (
    <FormDialog
      title={user === null ? "New key" : `New key of ${user}`}
      sending={sending}
      className="dialog-fields"
      action="Make key"
      isReady={name.trim() !== ""}
      onClosed={onClose}
    >
      <TextField
        label="Name"
        placeholder="gpu-node-07"
        hint="Where it is used, so that you know it again."
        value={name}
        error={sending.fault}
        data-autofocus
        onChange={sending.edits(setName)}
      />
      <Field label="May" hint={RIGHTS[scope]}>
        <SegmentedControl
          label="May"
          value={scope}
          options={KEY_SCOPES.map((value) => ({ value, label: value[0]!.toUpperCase() + value.slice(1) }))}
          onChange={setScope}
        />
      </Field>
      <LimitField value={limit} onChange={setLimit} />
      <Field label="Ends after">
        <SegmentedControl label="Ends after" value={days} options={DAYS} onChange={setDays} />
      </Field>
    </FormDialog>
  );
}

const SUGGESTIONS = 8;

function LimitField({ value, onChange }: { value: string; onChange(value: string): void }) {
  const { data: projects = [] } = useQuery(projectsQuery);
  const paths = projects.map(({ entity, project }) => `${entity}/${project}`);
  const entities = [...new Set(projects.map(({ entity }) => entity))];
  const suggestions = [...entities, ...paths]
    .filter((path) => path.toLowerCase().includes(value.trim().toLowerCase()))
    .slice(0, SUGGESTIONS);
  return (
    <Field label="Only in" hint="An entity or a project. Empty: wherever its owner may.">
      <Combobox
        label="Only in"
        text={value}
        placeholder="everywhere"
        suggestions={suggestions.map((path) => ({ value: path }))}
        nothing={null}
        onText={onChange}
        onChoose={onChange}
      />
    </Field>
  );
}
