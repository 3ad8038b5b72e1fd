/** A dialog that links a version to a collection of a registry, and leads there. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { type Artifact, collectionsQuery } from "@/api/artifacts/artifacts";
import { DEFAULT_REGISTRIES, linkVersion, registriesQuery, registryRef } from "@/api/artifacts/registries";
import { formatNoun } from "@/data/text/format";
import { Select } from "@/ui/controls/select";
import { Combobox } from "@/ui/fields/combobox";
import { Field } from "@/ui/fields/field";
import { TagsField } from "@/ui/fields/tags-field";
import { Dialog } from "@/ui/overlays/dialog";
import { DialogForm, useSending } from "@/ui/overlays/dialog-form";

interface LinkDialogProps {
  readonly artifact: Artifact;
  readonly isOpen: boolean;
  onClose(): void;
}

export function LinkDialog({ artifact, isOpen, onClose }: LinkDialogProps) {
  return (
    <Dialog title={`Link ${artifact.name}:${artifact.version}`} isOpen={isOpen} onClose={onClose}>
      <LinkForm artifact={artifact} onClose={onClose} />
    </Dialog>
  );
}

function LinkForm({ artifact, onClose }: { artifact: Artifact; onClose(): void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data: registries = [] } = useQuery(registriesQuery);
  const names = [...new Set([...registries.map(({ name }) => name), ...DEFAULT_REGISTRIES])];
  const [registry, setRegistry] = useState(artifact.type === "dataset" ? "dataset" : "model");
  const [collection, setCollection] = useState(artifact.name);
  const [aliases, setAliases] = useState<readonly string[]>([]);
  const isThere = registries.some(({ name }) => name === registry);
  const collections = useQuery({ ...collectionsQuery(registryRef(registry), ""), enabled: isThere });
  const fitting = (collections.data?.collections ?? []).filter(({ type }) => type === artifact.type);
  const existing = fitting.find(({ name }) => name === collection.trim());
  const typed = collection.trim().toLowerCase();
  const offered = fitting.filter(
    (candidate) => candidate !== existing && candidate.name.toLowerCase().includes(typed),
  );
  const isLinked = artifact.links.some(
    ({ entity, project, name }) =>
      entity === "registry" && project === registry && name === collection.trim(),
  );
  const sending = useSending(async () => {
    try {
      const seen = Object.fromEntries(aliases.map((alias) => [alias, existing?.aliases[alias] ?? null]));
      const linked = await linkVersion(client, artifact, {
        target: `registry/${registry}/${collection.trim()}`,
        aliases: [...aliases],
        seen_aliases: seen,
      });
      onClose();
      await navigate({
        to: "/registry/$registry/artifacts/$type/$artifact",
        params: { registry, type: linked.type, artifact: linked.name },
      });
    } catch (failure) {
      void collections.refetch();
      throw failure;
    }
  });
  const write = sending.edits(setCollection);
  return (
    <DialogForm
      sending={sending}
      className="form"
      action="Link"
      isReady={collection.trim() !== ""}
      onCancel={onClose}
    >
      <Field label="Registry">
        <Select
          label="Registry"
          value={registry}
          options={names.map((name) => ({ value: name, label: name }))}
          isWide
          onChange={setRegistry}
        />
      </Field>
      <Field
        label="Collection"
        error={sending.fault}
        hint={
          isLinked
            ? "This version is there already: only its aliases move."
            : existing
              ? `It has ${formatNoun(existing.n_versions, "version")}.`
              : "It is made."
        }
      >
        <Combobox
          label="Collection"
          text={collection}
          error={sending.fault}
          autoFocus
          nothing={null}
          suggestions={offered.map(({ name, n_versions }) => ({
            value: name,
            meta: formatNoun(n_versions, "version"),
          }))}
          onText={write}
          onChoose={write}
        />
      </Field>
      <Field label="Aliases there" hint={heldWords(aliases, existing?.aliases ?? {})}>
        <TagsField
          label="Aliases"
          tags={aliases}
          suggestions={["staging", "production", ...Object.keys(existing?.aliases ?? {})]}
          onChange={sending.edits(setAliases)}
        />
      </Field>
    </DialogForm>
  );
}

/** The versions that lose an alias by it. */
function heldWords(aliases: readonly string[], held: Readonly<Record<string, string>>): string {
  const moved = aliases.filter((alias) => held[alias]);
  if (moved.length === 0) return "Such as staging. Enter or a comma ends one.";
  return moved.map((alias) => `${alias} leaves ${held[alias]}`).join(", ");
}
