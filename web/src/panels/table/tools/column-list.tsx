/**
 * The drawn columns of a table.
 */

import { useState } from "react";
import type { TableColumn } from "@/api/files/tables";
import { formatCount } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { Checkbox } from "@/ui/controls/checkbox";
import { TextField } from "@/ui/fields/field";
import { Popover } from "@/ui/overlays/popover";

interface ColumnListProps {
  readonly columns: readonly TableColumn[];
  /** By name. */
  readonly hidden: readonly string[];
  onHidden(hidden: readonly string[]): void;
}

const WIDTH_PX = 240;
/** A shorter list is seen at once. */
const SEARCHED_FROM = 10;

export function ColumnList({ columns, hidden, onHidden }: ColumnListProps) {
  const [typed, setTyped] = useState("");
  const nHidden = columns.filter(({ name }) => hidden.includes(name)).length;
  const matches = columns.filter(({ title }) => title.toLowerCase().includes(typed.toLowerCase()));
  return (
    <Popover
      label="Columns"
      width={WIDTH_PX}
      position="bottom-end"
      isForTyping={columns.length > SEARCHED_FROM}
      target={
        <Button isSmall look="quiet" icon="cols">
          {nHidden > 0
            ? `${formatCount(columns.length - nHidden)} of ${formatCount(columns.length)} columns`
            : "Columns"}
        </Button>
      }
    >
      <div className="tbl-cf">
        {columns.length > SEARCHED_FROM && (
          <TextField
            label="Search columns"
            isBare
            placeholder="Search columns"
            value={typed}
            onChange={setTyped}
          />
        )}
        <div className="tbl-columns">
          {matches.map(({ name, title, type }) => (
            <div className="row" key={name}>
              <Checkbox
                label={title}
                isOn={!hidden.includes(name)}
                onChange={(isOn) =>
                  onHidden(isOn ? hidden.filter((other) => other !== name) : [...hidden, name])
                }
              >
                {title}
              </Checkbox>
              <span className="grow" />
              <span className="meta">{type}</span>
            </div>
          ))}
        </div>
        <div className="dialog-end">
          <Button isSmall disabled={nHidden === 0} onClick={() => onHidden([])}>
            Show all
          </Button>
        </div>
      </div>
    </Popover>
  );
}
