/** A button that opens a list of a table's columns, to choose those that are shown. */

import { useState } from "react";
import { formatCount } from "@/data/text/format";
import { CardSearch } from "../cards/card-search";
import { Checkbox } from "../controls/checkbox";
import { Popover } from "../overlays/popover";
import { Icon } from "../signs/icons";
import "./columns-button.css";

const OFFERED = 200;

interface ColumnsButtonProps {
  /** Of the button, and in lower case of the search. */
  readonly label: string;
  readonly columns: readonly { readonly id: string; readonly name: string }[];
  /** Ids of the shown columns. */
  readonly shown: readonly string[];
  onShown(ids: readonly string[]): void;
}

export function ColumnsButton({ label, columns, shown, onShown }: ColumnsButtonProps) {
  const [typed, setTyped] = useState("");
  const find = typed.trim().toLowerCase();
  const matches = columns.filter(({ name }) => name.toLowerCase().includes(find));
  const subject = label.toLowerCase();
  return (
    <Popover
      label="Columns"
      width={280}
      position="bottom-end"
      target={
        <button type="button" className="btn sm">
          <Icon name="cols" isSmall />
          {label}
          <span className="muted tn">
            {formatCount(shown.length)} of {formatCount(columns.length)}
          </span>
        </button>
      }
    >
      <div className="columns-choice">
        <CardSearch label={`Search ${subject}`} value={typed} onChange={setTyped} />
        <div className="columns-list">
          {matches.slice(0, OFFERED).map(({ id, name }) => (
            <Checkbox
              key={id}
              label={name}
              isOn={shown.includes(id)}
              onChange={(isOn) => onShown(isOn ? [...shown, id] : shown.filter((other) => other !== id))}
            >
              <span className="mono ell">{name}</span>
            </Checkbox>
          ))}
          {matches.length === 0 && (
            <p className="muted">
              No {subject} has {typed} in its name.
            </p>
          )}
        </div>
      </div>
    </Popover>
  );
}
