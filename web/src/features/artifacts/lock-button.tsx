/** Locks a version against deletion, and unlocks it. */

import { useQueryClient } from "@tanstack/react-query";
import { type Artifact, editVersion } from "@/api/artifacts/artifacts";
import type { ProjectRef } from "@/api/types";
import { IconButton } from "@/ui/controls/icon-button";
import { attempt, showDone } from "@/ui/overlays/toasts";

interface LockButtonProps {
  readonly project: ProjectRef;
  readonly artifact: Artifact;
}

export function LockButton({ project, artifact }: LockButtonProps) {
  const setLock = useVersionLock(project);
  const isLocked = Boolean(artifact.locked_by);
  return (
    <IconButton
      icon="lock"
      label={isLocked ? "Unlock this version" : "Lock this version against deletion"}
      isOn={isLocked}
      onClick={() => void setLock(artifact, !isLocked)}
    />
  );
}

export function useVersionLock(project: ProjectRef) {
  const client = useQueryClient();
  const setLock = async (
    { name, version }: Pick<Artifact, "name" | "version">,
    isLocked: boolean,
  ): Promise<void> => {
    const named = `${name}:${version}`;
    await attempt(`Could not ${isLocked ? "lock" : "unlock"} ${named}`, async () => {
      await editVersion(client, project, name, version ?? "latest", { is_locked: isLocked });
      showDone(`${named} is ${isLocked ? "locked: it can't be deleted" : "not locked any more"}`, {
        label: "Undo",
        run: () => void setLock({ name, version }, !isLocked),
      });
    });
  };
  return setLock;
}
