import { SegmentedControl } from "@/ui/controls/segmented-control";
import { COMPARER_OPTIONS, type ComparerOptions } from "./options";

interface AgainstSwitchProps {
  readonly against: ComparerOptions["against"];
  onChange(against: ComparerOptions["against"]): void;
}

/** The shown runs, or the last good one. A file has the answer for one of them, and no switch. */
export function AgainstSwitch({ against, onChange }: AgainstSwitchProps) {
  return (
    <SegmentedControl
      label="Compare"
      value={against}
      options={COMPARER_OPTIONS.against.choices}
      onChange={onChange}
    />
  );
}
