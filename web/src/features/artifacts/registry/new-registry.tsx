/** A dialog that makes a registry and leads to it. */

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { putRegistry } from "@/api/artifacts/registries";
import { TextField } from "@/ui/fields/field";
import { Dialog } from "@/ui/overlays/dialog";
import { DialogForm, useSending } from "@/ui/overlays/dialog-form";

export function NewRegistry({ isOpen, onClose }: { isOpen: boolean; onClose(): void }) {
  return (
    <Dialog title="New registry" isOpen={isOpen} onClose={onClose}>
      <NewRegistryForm onClose={onClose} />
    </Dialog>
  );
}

function NewRegistryForm({ onClose }: { onClose(): void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [about, setAbout] = useState("");
  const sending = useSending(async () => {
    const registry = name.trim();
    await putRegistry(client, registry, about.trim() ? { description: about.trim() } : {});
    onClose();
    await navigate({ to: "/registry/$registry", params: { registry } });
  });
  return (
    <DialogForm
      sending={sending}
      className="form"
      action="Make registry"
      isReady={name.trim() !== ""}
      onCancel={onClose}
    >
      <TextField
        label="Name"
        value={name}
        error={sending.fault}
        hint="Its collections are named registry/NAME/COLLECTION. You are its admin."
        data-autofocus
        onChange={sending.edits(setName)}
      />
      <TextField label="Description" value={about} onChange={setAbout} />
    </DialogForm>
  );
}
