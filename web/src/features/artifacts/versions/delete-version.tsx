/** Asks before a version is deleted permanently. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Artifact, deleteVersion } from "@/api/artifacts/artifacts";
import { faultText } from "@/data/text/fault-text";
import { formatBytes, formatNoun } from "@/data/text/format";
import { ConfirmDialog } from "@/ui/overlays/confirm-dialog";
import { showDone } from "@/ui/overlays/toasts";

export function DeleteVersion({ artifact, onClose }: { artifact: Artifact; onClose(): void }) {
  const client = useQueryClient();
  const [refusal, setRefusal] = useState<string | null>(null);
  const { entity, project, name, n_files, n_bytes } = artifact;
  const version = artifact.version ?? "latest";
  const aliases = artifact.aliases.filter((alias) => alias !== "latest");
  const remove = async () => {
    try {
      await deleteVersion(client, { entity, project }, name, version);
    } catch (error) {
      // it names the registry that links it
      setRefusal(faultText(error));
      return;
    }
    onClose();
    showDone(`${name}:${version} is deleted`);
  };
  return (
    <ConfirmDialog
      title={`Delete ${name}:${version}?`}
      isOpen
      action="Delete permanently"
      onClose={onClose}
      onConfirm={() => void remove()}
    >
      <p className="dialog-text">
        {formatNoun(n_files, "file")} ({formatBytes(n_bytes)}) {n_files === 1 ? "is" : "are"} deleted, except
        for contents that other versions or runs have, too. Runs that logged or used it go on naming it. That
        can't be taken back.
      </p>
      {aliases.length > 0 && (
        <p className="dialog-text">
          It is <b>{aliases.join(", ")}</b>: scripts that ask for it by that name will not get it any more.
        </p>
      )}
      {refusal && (
        <div className="errt" role="alert">
          {refusal}
        </div>
      )}
    </ConfirmDialog>
  );
}
