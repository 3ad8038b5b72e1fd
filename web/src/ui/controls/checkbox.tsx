/** A checkbox, which may be neither on nor off. */

import { type MouseEvent, type ReactNode, useEffect, useRef } from "react";

interface CheckboxProps {
  readonly label: string;
  readonly isOn: boolean;
  /** Some of what it stands for is on. */
  readonly isMixed?: boolean;
  readonly isDisabled?: boolean;
  /** Beside it; else only screen readers say the label. */
  readonly children?: ReactNode;
  readonly tabIndex?: number;
  /** The click tells whether Shift was held, which extends a selection. */
  onChange(isOn: boolean, event: MouseEvent<HTMLInputElement>): void;
}

export function Checkbox({ label, isOn, isMixed, isDisabled, children, tabIndex, onChange }: CheckboxProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (input.current) input.current.indeterminate = isMixed === true;
  }, [isMixed]);
  const box = (
    <input
      ref={input}
      type="checkbox"
      className="cb"
      aria-label={children ? undefined : label}
      checked={isOn}
      disabled={isDisabled}
      tabIndex={tabIndex}
      // the click comes first and knows the keys that were held
      onChange={() => {}}
      onClick={(event) => onChange(!isOn, event)}
    />
  );
  if (!children) return box;
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the box within is its control
    <label className="row check-row">
      {box}
      <span>{children}</span>
    </label>
  );
}
