/**
 * A dialog that makes a project; it leads to the project's page, which says how to fill it.
 */

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { makeProject, projectsQuery } from "@/api/projects";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { TextField } from "@/ui/field";

interface NewProjectProps {
  readonly isOpen: boolean;
  readonly entities: readonly { readonly name: string }[];
  /** The entity whose projects are listed. */
  readonly entity: string | null;
  onClose(): void;
}

/** What scripts use without saying so. */
const DEFAULT_ENTITY = "local";

export function NewProject({ isOpen, entities, entity, onClose }: NewProjectProps) {
  return (
    <Dialog title="New project" isOpen={isOpen} onClose={onClose}>
      <NewProjectForm first={entity ?? entities[0]?.name ?? DEFAULT_ENTITY} onClose={onClose} />
    </Dialog>
  );
}

function NewProjectForm({ first, onClose }: { first: string; onClose(): void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [entity, setEntity] = useState(first);
  const [about, setAbout] = useState("");
  const [error, setError] = useState<string | null>(null);
  const make = async () => {
    const ref = { entity: entity.trim(), project: name.trim() };
    try {
      await makeProject(ref, about.trim() || null);
      await client.invalidateQueries({ queryKey: projectsQuery.queryKey });
      onClose();
      await navigate({ to: "/$entity/$project", params: ref });
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
    }
  };
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <TextField
        label="Name"
        value={name}
        error={error}
        hint="As scripts give it to weft.init(project=…). A project that is missing is also made by its first run."
        data-autofocus
        onChange={(text) => {
          setName(text);
          setError(null);
        }}
      />
      <TextField
        label="Entity"
        hint="A person or a team: who it belongs to."
        value={entity}
        onChange={setEntity}
      />
      <TextField label="Description" value={about} onChange={setAbout} />
      <div className="dialog-end">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="ink" type="submit" disabled={name.trim() === "" || entity.trim() === ""}>
          Make project
        </Button>
      </div>
    </form>
  );
}
