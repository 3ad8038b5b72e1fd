/** A version of a collection, found by its name or by an alias. */

import { useState } from "react";
import type { Artifact } from "@/api/artifacts/artifacts";
import { matchesName } from "@/data/artifacts/versions";
import { ChoiceField } from "@/ui/fields/choice-field";
import { Popover } from "@/ui/overlays/popover";
import { Icon } from "@/ui/signs/icons";
import { Ago } from "@/ui/text/ago";
import { Tag } from "@/ui/text/tag";

const MAX_CHOICES = 50;

interface VersionPickerProps {
  /** Newest first. */
  readonly versions: readonly Artifact[];
  /** A version, or an alias. */
  readonly chosen: string;
  onChoose(version: string): void;
}

export function VersionPicker({ versions, chosen, onChoose }: VersionPickerProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const shown = versions.find((candidate) => candidate.version === chosen);
  const choices = versions
    .filter((candidate) => matchesName(candidate, typed ?? ""))
    .slice(0, MAX_CHOICES)
    .map((candidate) => ({
      value: candidate.version ?? "",
      name: candidate.version ?? "",
      label: (
        <span className="row">
          {candidate.version}
          {candidate.aliases.map((alias) => (
            <Tag key={alias}>{alias}</Tag>
          ))}
        </span>
      ),
      meta: <Ago micros={candidate.created_micros} suffix=" ago" />,
    }));
  return (
    <Popover
      label="Compare with"
      width={300}
      isForTyping
      target={
        <button type="button" className="btn select">
          <span>{chosen}</span>
          {shown?.aliases.slice(0, 2).map((alias) => (
            <Tag key={alias}>{alias}</Tag>
          ))}
          <Icon name="down" isSmall />
        </button>
      }
    >
      {(close) => (
        <ChoiceField
          label="Version"
          noun="version"
          chosen={{ name: chosen }}
          typed={typed}
          choices={choices}
          isCurrent
          placeholder="v12, best"
          autoFocus
          onType={setTyped}
          onChoose={(version) => {
            onChoose(version);
            close();
          }}
        />
      )}
    </Popover>
  );
}
