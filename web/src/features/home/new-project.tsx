/** A dialog that makes a project; it leads to the project's page, which says how to fill it. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { makeProject, projectsQuery } from "@/api/projects";
import { Button } from "@/ui/controls/button";
import { TextField } from "@/ui/fields/field";
import { useAwaited } from "@/ui/hooks/use-awaited";
import { useStable } from "@/ui/hooks/use-stable";
import { Dialog } from "@/ui/overlays/dialog";
import { showFailed } from "@/ui/overlays/toasts";

interface NewProjectProps {
  readonly isOpen: boolean;
  readonly entities: readonly { readonly name: string }[];
  /** The entity whose projects are listed. */
  readonly entity: string | null;
  onClose(): void;
}

/** The entity of scripts that name none. */
const DEFAULT_ENTITY = "local";

export function NewProject({ isOpen, entities, entity, onClose }: NewProjectProps) {
  // here, as the form may go without another rendering
  const isStillOpen = useStable(() => isOpen);
  return (
    <Dialog title="New project" isOpen={isOpen} onClose={onClose}>
      <NewProjectForm
        isStillOpen={isStillOpen}
        first={entity ?? entities[0]?.name ?? DEFAULT_ENTITY}
        onClose={onClose}
      />
    </Dialog>
  );
}

interface NewProjectFormProps {
  /** The entity unless another one is typed. */
  readonly first: string;
  isStillOpen(): boolean;
  onClose(): void;
}

function NewProjectForm({ isStillOpen, first, onClose }: NewProjectFormProps) {
  const client = useQueryClient();
  const router = useRouter();
  const [name, setName] = useState("");
  const [typed, setTyped] = useState<string | null>(null);
  // the entities may come after the dialog
  const entity = typed ?? first;
  const [about, setAbout] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const make = async () => {
    if (isBusy) return;
    const ref = { entity: entity.trim(), project: name.trim() };
    const { pathname } = router.latestLocation;
    const isHere = () => isStillOpen() && router.latestLocation.pathname === pathname;
    setBusy(true);
    try {
      await makeProject(ref, about.trim() || null);
      await client.invalidateQueries({ queryKey: projectsQuery.queryKey });
      if (!isHere()) return;
      onClose();
      await router.navigate({ to: "/$entity/$project", params: ref });
    } catch (failure) {
      if (isHere()) setError(failure instanceof Error ? failure.message : String(failure));
      else showFailed(`Could not make ${ref.project}`, failure);
    } finally {
      setBusy(false);
    }
  };
  const { isPending } = useQuery(projectsQuery);
  const submit = useAwaited(!isPending || typed !== null, () => void make());
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
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
        onChange={setTyped}
      />
      <TextField label="Description" value={about} onChange={setAbout} />
      <div className="dialog-end">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="ink" type="submit" disabled={isBusy || name.trim() === "" || entity.trim() === ""}>
          Make project
        </Button>
      </div>
    </form>
  );
}
