/**
 * A dialog that makes a registry and leads to it.
 */

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { putRegistry } from "@/api/artifacts/registries";
import { Button } from "@/ui/controls/button";
import { TextField } from "@/ui/fields/field";
import { Dialog } from "@/ui/overlays/dialog";

interface NewRegistryProps {
  readonly isOpen: boolean;
  onClose(): void;
}

export function NewRegistry({ isOpen, onClose }: NewRegistryProps) {
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
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const make = async () => {
    const registry = name.trim();
    setBusy(true);
    try {
      await putRegistry(client, registry, about.trim() ? { description: about.trim() } : {});
      onClose();
      await navigate({ to: "/registry/$registry", params: { registry } });
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
      setBusy(false);
    }
  };
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy && name.trim()) void make();
      }}
    >
      <TextField
        label="Name"
        value={name}
        error={error}
        hint="Its collections are named registry/NAME/COLLECTION. You are its admin."
        data-autofocus
        onChange={(text) => {
          setName(text);
          setError(null);
        }}
      />
      <TextField label="Description" value={about} onChange={setAbout} />
      <div className="dialog-end">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="ink" type="submit" disabled={isBusy || name.trim() === ""}>
          Make registry
        </Button>
      </div>
    </form>
  );
}
