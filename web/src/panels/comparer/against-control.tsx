/**
 * The runs that a comparer compares.
 */

import { SegmentedControl } from "@/ui/controls/segmented-control";
import type { ComparerOptions } from "./options";

interface AgainstControlProps {
  readonly value: ComparerOptions["against"];
  onChange(against: ComparerOptions["against"]): void;
}

export function AgainstControl({ value, onChange }: AgainstControlProps) {
  return (
    <SegmentedControl
      label="Compare"
      value={value}
      options={[
        { value: "shown", label: "Shown runs" },
        { value: "good", label: "Since last good run" },
      ]}
      onChange={onChange}
    />
  );
}
