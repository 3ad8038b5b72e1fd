import { Icon } from "@/ui/signs/icons";
import "./star-button.css";

interface StarButtonProps {
  readonly name: string;
  readonly isOn: boolean;
  readonly tabIndex?: number;
  /** Absent: the star may not be changed. */
  onTurn: (() => void) | undefined;
}

export function StarButton({ name, isOn, tabIndex, onTurn }: StarButtonProps) {
  return (
    <button
      type="button"
      className={`star ${isOn ? "on" : ""}`}
      tabIndex={tabIndex}
      aria-pressed={isOn}
      aria-label={`Star ${name}`}
      title={isOn ? "Starred" : "Star"}
      disabled={!onTurn}
      onClick={onTurn}
    >
      <Icon name="star" isSmall />
    </button>
  );
}
