import type { CSSProperties } from "react";

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly width?: number;
  format?(value: number): string;
  onChange(value: number): void;
}

export function Slider({ label, value, min, max, step, width = 96, format = String, onChange }: SliderProps) {
  const part = ((value - min) / (max - min)) * 100;
  return (
    <span className="row slider">
      <input
        type="range"
        aria-label={label}
        aria-valuetext={format(value)}
        min={min}
        max={max}
        step={step}
        value={value}
        style={{ width, "--p": `${part}%` } as CSSProperties}
        onChange={(event) => onChange(event.target.valueAsNumber)}
      />
      <span className="tn val">{format(value)}</span>
    </span>
  );
}
