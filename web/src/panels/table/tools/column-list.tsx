import { useState } from "react";
import type { ComputedColumn, TableColumn } from "@/api/files/tables";
import { formatCount } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { Checkbox } from "@/ui/controls/checkbox";
import { IconButton } from "@/ui/controls/icon-button";
import { TextField } from "@/ui/fields/field";
import { Popover } from "@/ui/overlays/popover";

interface ColumnListProps {
  readonly columns: readonly TableColumn[];
  /** By name. */
  readonly hidden: readonly string[];
  /** Columns that are computed from others. */
  readonly computed: readonly ComputedColumn[];
  onHidden(hidden: readonly string[]): void;
  onComputed(computed: readonly ComputedColumn[]): void;
}

const WIDTH_PX = 280;
/** A shorter list is seen at once. */
const SEARCHED_FROM = 10;

export function ColumnList({ columns, hidden, computed, onHidden, onComputed }: ColumnListProps) {
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
        <Button isSmall look="quiet" icon="cols" className="tbl-columns-button" title="Columns">
          {nHidden > 0 && `${formatCount(columns.length - nHidden)} of ${formatCount(columns.length)} `}
          <span className="txt">{nHidden > 0 ? "columns" : "Columns"}</span>
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
        <ComputedColumns columns={computed} onColumns={onComputed} />
        <div className="dialog-end">
          <Button isSmall disabled={nHidden === 0} onClick={() => onHidden([])}>
            Show all
          </Button>
        </div>
      </div>
    </Popover>
  );
}

interface ComputedColumnsProps {
  readonly columns: readonly ComputedColumn[];
  onColumns(columns: readonly ComputedColumn[]): void;
}

/** The computed columns, and a form that adds one. */
function ComputedColumns({ columns, onColumns }: ComputedColumnsProps) {
  const [name, setName] = useState("");
  const [expression, setExpression] = useState("");
  const isFree = name.trim() !== "" && columns.every((column) => column.name !== name.trim());
  return (
    <form
      className="tbl-computed"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isFree || expression.trim() === "") return;
        onColumns([...columns, { name: name.trim(), expression }]);
        setName("");
        setExpression("");
      }}
    >
      <h3>Computed columns</h3>
      {columns.map((column) => (
        <div className="row" key={column.name}>
          <span className="ell" title={`${column.name} = ${column.expression}`}>
            {column.name} = <span className="mono">{column.expression}</span>
          </span>
          <span className="grow" />
          <IconButton
            icon="x"
            label={`Remove ${column.name}`}
            isSmall
            onClick={() => onColumns(columns.filter((other) => other !== column))}
          />
        </div>
      ))}
      <TextField label="Name of the column" isBare placeholder="Name" value={name} onChange={setName} />
      <TextField
        label="Expression over columns"
        isBare
        isMono
        placeholder={'precision - "my column"'}
        value={expression}
        onChange={setExpression}
      />
      <Button isSmall type="submit" disabled={!isFree || expression.trim() === ""}>
        Add the column
      </Button>
    </form>
  );
}
