/**
 * Buttons of the rows of runs and groups, in the list and in the table. The rows have the keys, so no button takes a tab unless it is told to.
 */

import type { MouseEvent } from "react";
import { Icon } from "@/ui/signs/icons";

interface EyeButtonProps {
  readonly label: string;
  readonly isOn: boolean;
  /** Its row has no keys of its own. */
  readonly isTabbed?: boolean;
  onClick(): void;
}

export function EyeButton({ label, isOn, isTabbed = false, onClick }: EyeButtonProps) {
  return (
    <button
      type="button"
      className="eye"
      tabIndex={isTabbed ? 0 : -1}
      aria-pressed={isOn}
      aria-label={label}
      onClick={onClick}
    >
      <Icon name={isOn ? "eye" : "eyeoff"} />
    </button>
  );
}

interface ColorButtonProps {
  readonly name: string;
  /** 1 … 12. */
  readonly color: number;
  readonly isShown: boolean;
  /** Runs are round, groups square, the baseline a dashed line. */
  readonly shape: "round" | "square" | "dash";
  /** Its row has no keys of its own. */
  readonly isTabbed?: boolean;
  onPalette(element: Element): void;
}

export function ColorButton({ name, color, isShown, shape, isTabbed = false, onPalette }: ColorButtonProps) {
  return (
    <button
      type="button"
      className="dot-btn"
      tabIndex={isTabbed ? 0 : -1}
      aria-label={`Color of ${name}`}
      onClick={(event) => onPalette(event.currentTarget)}
    >
      <span
        className={`sw-dot ${shape} ${isShown ? "" : "hollow"}`}
        style={{ [shape === "dash" ? "color" : "background"]: `var(--w-run-${color})` }}
      />
    </button>
  );
}

export function MoreButton({ name, onMenu }: { name: string; onMenu(element: Element): void }) {
  return (
    <button
      type="button"
      className="btn q sm ico more"
      tabIndex={-1}
      aria-label={`More about ${name}`}
      onClick={(event) => onMenu(event.currentTarget)}
    >
      <Icon name="dots" isSmall />
    </button>
  );
}

/** Opens the menu of a row at its button, wherever in it the secondary button of the mouse is pressed. */
export function openRowMenu(event: MouseEvent, onMenu: (element: Element) => void): void {
  event.preventDefault();
  onMenu(event.currentTarget.querySelector(".more") ?? event.currentTarget);
}

export function BaselineFlag({ title = "Baseline" }: { title?: string }) {
  return (
    <span className="flag neu" title={title}>
      base
    </span>
  );
}
