/**
 * A choice of a few, all in sight; arrows move, as in a group of radio buttons.
 */

import { type KeyboardEvent, type ReactNode, useRef } from "react";
import { nextIndex } from "./tabs";

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

export function SegmentedControl<T extends string>({
  label,
  value,
  options,
  onChange,
}: SegmentedControlProps<T>) {
  const group = useRef<HTMLDivElement>(null);
  const onKey = (event: KeyboardEvent) => {
    let at = options.findIndex((option) => option.value === value);
    const next = nextIndex(event.key, at, options.length);
    if (next === null) return;
    event.preventDefault();
    at = next;
    if (options[at]!.isDisabled) return;
    onChange(options[at]!.value);
    (group.current?.children[at] as HTMLElement | undefined)?.focus();
  };
  return (
    <div className="seg" role="radiogroup" aria-label={label} ref={group} onKeyDown={onKey}>
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
