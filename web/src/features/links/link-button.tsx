/** In the head of a version's page: links it to a registry, or takes a link out. */

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Artifact } from "@/api/artifacts/artifacts";
import { unlinkVersion } from "@/api/artifacts/registries";
import { Button } from "@/ui/controls/button";
import { ConfirmDialog } from "@/ui/overlays/confirm-dialog";
import { attempt } from "@/ui/overlays/toasts";
import { LinkDialog } from "./link-dialog";

export function LinkButton({ artifact }: { artifact: Artifact }) {
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <Button isSmall icon="link" onClick={() => setOpen(true)}>
        {artifact.source ? "Unlink" : "Link"}
      </Button>
      {artifact.source ? (
        <UnlinkDialog artifact={artifact} isOpen={isOpen} onClose={close} />
      ) : (
        <LinkDialog artifact={artifact} isOpen={isOpen} onClose={close} />
      )}
    </>
  );
}

interface UnlinkDialogProps {
  readonly artifact: Artifact;
  readonly isOpen: boolean;
  onClose(): void;
}

function UnlinkDialog({ artifact, isOpen, onClose }: UnlinkDialogProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { entity, project, type, name, version, source } = artifact;
  const unlink = async () => {
    onClose();
    await attempt("Could not unlink it", async () => {
      await (entity === "registry"
        ? navigate({
            to: "/registry/$registry/artifacts/$type/$artifact",
            params: { registry: project, type, artifact: name },
          })
        : navigate({
            to: "/$entity/$project/artifacts/$type/$artifact",
            params: { entity, project, type, artifact: name },
          }));
      await unlinkVersion(client, artifact);
    });
  };
  const named = artifact.aliases.filter((alias) => alias !== "latest");
  return (
    <ConfirmDialog
      title={`Unlink ${name}:${version}?`}
      isOpen={isOpen}
      action="Unlink"
      onClose={onClose}
      onConfirm={() => void unlink()}
    >
      {named.length > 0 && `No version is ${named.join(", ")} then. `}
      What it points to stays: {source?.entity}/{source?.project}/{source?.name}:{source?.version}. Its number
      is not given again.
    </ConfirmDialog>
  );
}
