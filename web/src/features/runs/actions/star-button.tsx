import { Icon } from "@/ui/signs/icons";
import "./star-button.css";

interface StarButtonProps {
  readonly name: string;
  readonly isOn: boolean;
  readonly tabIndex?: number;
  onTurn(): void;
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
      onClick={onTurn}
    >
      <Icon name="star" isSmall />
    </button>
  );
}
