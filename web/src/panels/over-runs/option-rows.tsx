/**
 * Rows that the settings of several panels over runs share.
 */

import type { AxisChoice } from "@/charts/axis/value-axis";
import { ChoiceRow } from "../settings/settings-fields";
import type { Scope } from "./use-run-rows";

interface ScopeRowProps {
  readonly value: Scope;
  /** False: the page has no list, so only what is shown can be meant. */
  readonly hasList: boolean;
  onChange(scope: Scope): void;
}

export function ScopeRow({ value, hasList, onChange }: ScopeRowProps) {
  if (!hasList) return null;
  return (
    <ChoiceRow
      label="Runs"
      value={value}
      options={[
        { value: "shown", label: "Shown" },
        { value: "listed", label: "All listed" },
      ]}
      onChange={onChange}
    />
  );
}

interface ScaleRowProps {
  readonly label: string;
  readonly value: AxisChoice;
  onChange(scale: AxisChoice): void;
}

export function ScaleRow({ label, value, onChange }: ScaleRowProps) {
  return (
    <ChoiceRow
      label={label}
      value={value}
      options={[
        { value: "auto", label: "Auto" },
        { value: "linear", label: "Linear" },
        { value: "log", label: "Log" },
        { value: "category", label: "Side by side" },
      ]}
      onChange={onChange}
    />
  );
}
