/** The aliases of a version, each with a way to take it away, and a field for a further one. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useState } from "react";
import { type Artifact, collectionQuery, editVersion } from "@/api/artifacts/artifacts";
import type { ProjectRef } from "@/api/types";
import { IconButton } from "@/ui/controls/icon-button";
import { attempt } from "@/ui/overlays/toasts";
import { Icon } from "@/ui/signs/icons";
import { Chip } from "@/ui/text/chip";

const LATEST = "latest";

interface AliasFieldProps {
  readonly project: ProjectRef;
  readonly artifact: Artifact;
  /** Aliases that this user may not move. */
  readonly locked?: readonly string[];
  readonly isReadOnly?: boolean;
}

export function AliasField({ project, artifact, locked = [], isReadOnly = false }: AliasFieldProps) {
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const { name, version } = artifact;
  const seen = useQuery(collectionQuery(project, name)).data?.aliases;
  /** The server refuses it if the alias was moved since this page has seen it. */
  const change = async (operation: "add_aliases" | "remove_aliases", alias: string) => {
    await attempt("change the aliases", async () => {
      await editVersion(client, project, name, version ?? LATEST, {
        [operation]: [alias],
        ...(seen && { seen_aliases: { [alias]: seen[alias] ?? null } }),
      });
      setTyped("");
      setOpen(false);
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && typed.trim()) void change("add_aliases", typed.trim());
    else if (event.key === "Escape") setOpen(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <span className="row alias-field">
      {artifact.aliases.map((alias) => (
        <Chip
          key={alias}
          removeLabel={`Remove the alias ${alias}`}
          onRemove={
            alias === LATEST || isReadOnly || locked.includes(alias)
              ? undefined
              : () => void change("remove_aliases", alias)
          }
        >
          {locked.includes(alias) && <Icon name="lock" isSmall />}
          {alias}
        </Chip>
      ))}
      {isReadOnly ? null : isOpen ? (
        <input
          className="alias-input"
          aria-label="New alias"
          placeholder="production"
          value={typed}
          // biome-ignore lint/a11y/noAutofocus: the field was asked for
          autoFocus
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={onKeyDown}
          onBlur={() => !typed && setOpen(false)}
        />
      ) : (
        <IconButton icon="plus" label="Add an alias" onClick={() => setOpen(true)} />
      )}
    </span>
  );
}
