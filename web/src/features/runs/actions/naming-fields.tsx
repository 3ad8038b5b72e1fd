/** Says what becomes of the names of selected runs: a part of them replaced, or all of them by a pattern. */

import type { Naming } from "@/data/runs/bulk-edit";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { Field, TextField } from "@/ui/fields/field";

const WAYS = [
  { value: "keep", label: "Keep" },
  { value: "replace", label: "Replace a part" },
  { value: "pattern", label: "Pattern" },
] as const;

const FIRST: Readonly<Record<Naming["kind"], Naming>> = {
  keep: { kind: "keep" },
  replace: { kind: "replace", find: "", isPattern: false, by: "" },
  pattern: { kind: "pattern", text: "{name}" },
};

interface NamingFieldsProps {
  readonly naming: Naming;
  readonly error: string | null;
  onChange(naming: Naming): void;
}

export function NamingFields({ naming, error, onChange }: NamingFieldsProps) {
  const label = (
    <span className="row">
      Names
      <SegmentedControl
        label="Names"
        value={naming.kind}
        options={WAYS}
        onChange={(kind) => onChange(FIRST[kind])}
      />
    </span>
  );
  return (
    <Field label={label}>
      {naming.kind === "replace" && (
        <div className="two">
          <TextField
            label="Find in names"
            isBare
            placeholder="Find"
            isMono={naming.isPattern}
            autoFocus
            error={error}
            value={naming.find}
            end={
              <button
                type="button"
                className={`btn q sm ico ${naming.isPattern ? "on" : ""}`}
                aria-pressed={naming.isPattern}
                aria-label="Regular expression"
                title="Regular expression; $1 is its first group"
                onClick={() => onChange({ ...naming, isPattern: !naming.isPattern })}
              >
                .*
              </button>
            }
            onChange={(find) => onChange({ ...naming, find })}
          />
          <TextField
            label="Replace by"
            isBare
            placeholder="Replace by"
            isMono={naming.isPattern}
            value={naming.by}
            onChange={(by) => onChange({ ...naming, by })}
          />
        </div>
      )}
      {naming.kind === "pattern" && (
        <TextField
          label="Pattern of names"
          isBare
          isMono
          autoFocus
          error={error}
          hint={
            <>
              <code>{"{name}"}</code>, <code>{"{n}"}</code>, <code>{"{id}"}</code> or a column, as{" "}
              <code>{"{config.lr}"}</code>: <code>{"unet lr{config.lr} #{n}"}</code>
            </>
          }
          value={naming.text}
          onChange={(text) => onChange({ kind: "pattern", text })}
        />
      )}
    </Field>
  );
}
