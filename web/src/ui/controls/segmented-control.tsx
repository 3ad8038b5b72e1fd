/** A choice of a few, all in sight; arrows move, as in a group of radio buttons. */

import type { ReactNode } from "react";
import { chooseByKey } from "./tabs";

export interface SegmentedControlProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly {
    readonly value: T;
    readonly label: ReactNode;
    readonly isDisabled?: boolean;
  }[];
  onChange(value: NoInfer<T>): void;
}

export function SegmentedControl<T extends string>(props: SegmentedControlProps<T>) {
  const { label, value, options, onChange } = props;
  return (
    <div
      className="seg"
      role="radiogroup"
      aria-label={label}
      onKeyDown={chooseByKey(options, value, onChange)}
    >
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          tabIndex={option.value === value ? 0 : -1}
          disabled={option.isDisabled}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
