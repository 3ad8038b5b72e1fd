/**
 * Buttons of the rows of runs and groups, in the list and in the table. The rows have the keys, so no button takes a tab.
 */

import type { MouseEvent } from "react";
import { Icon } from "@/ui/signs/icons";

export function EyeButton({ label, isOn, onClick }: { label: string; isOn: boolean; onClick(): void }) {
  return (
    <button
      type="button"
      className="eye"
      tabIndex={-1}
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
  onPalette(element: Element): void;
}

export function ColorButton({ name, color, isShown, shape, onPalette }: ColorButtonProps) {
  return (
    <button
      type="button"
      className="dot-btn"
      tabIndex={-1}
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
