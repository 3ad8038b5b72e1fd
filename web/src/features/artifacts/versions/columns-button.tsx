/** The values of the metadata that are columns of the table of versions. */

import { useState } from "react";
import type { MetadataColumn } from "@/data/artifacts/version-columns";
import { formatCount } from "@/data/text/format";
import { CardSearch } from "@/ui/cards/card-search";
import { Checkbox } from "@/ui/controls/checkbox";
import { Popover } from "@/ui/overlays/popover";
import { Icon } from "@/ui/signs/icons";

const OFFERED = 200;

interface ColumnsButtonProps {
  readonly columns: readonly MetadataColumn[];
  readonly shown: readonly string[];
  onShown(names: readonly string[]): void;
}

export function ColumnsButton({ columns, shown, onShown }: ColumnsButtonProps) {
  const [typed, setTyped] = useState("");
  const find = typed.trim().toLowerCase();
  const matches = columns.filter(({ name }) => name.toLowerCase().includes(find));
  return (
    <Popover
      label="Columns"
      width={280}
      position="bottom-end"
      target={
        <button type="button" className="btn sm">
          <Icon name="cols" isSmall />
          Metadata
          <span className="muted tn">
            {formatCount(shown.length)} of {formatCount(columns.length)}
          </span>
        </button>
      }
    >
      <div className="version-columns">
        <CardSearch label="Search metadata" value={typed} onChange={setTyped} />
        <div className="version-column-list">
          {matches.slice(0, OFFERED).map(({ name }) => (
            <Checkbox
              key={name}
              label={name}
              isOn={shown.includes(name)}
              onChange={(isOn) => onShown(isOn ? [...shown, name] : shown.filter((other) => other !== name))}
            >
              <span className="mono ell">{name}</span>
            </Checkbox>
          ))}
          {matches.length === 0 && <p className="muted">No metadata has {typed} in its name.</p>}
        </div>
      </div>
    </Popover>
  );
}
