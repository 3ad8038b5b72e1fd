interface SwitchProps {
  readonly label: string;
  readonly isOn: boolean;
  readonly isDisabled?: boolean;
  /** The label stands next to it; else only screen readers say it. */
  readonly isLabelVisible?: boolean;
  onChange(isOn: boolean): void;
}

export function Switch({ label, isOn, isDisabled, isLabelVisible, onChange }: SwitchProps) {
  const knob = (
    <button
      type="button"
      role="switch"
      className="sw"
      aria-checked={isOn}
      aria-label={label}
      disabled={isDisabled}
      onClick={() => onChange(!isOn)}
    />
  );
  if (!isLabelVisible) return knob;
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the switch within is its control
    <label className="row switch-row">
      {knob}
      <span>{label}</span>
    </label>
  );
}
