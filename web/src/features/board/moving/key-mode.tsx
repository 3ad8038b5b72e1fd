/**
 * A panel that is being moved or resized with the arrow keys, begun from its menu, ended with Enter or Escape.
 * For a finger the arrows are buttons.
 * The plate that takes the keys exists only so long.
 */

import { type KeyboardEvent, useEffect, useRef } from "react";
import { create } from "zustand";
import { IconButton } from "@/ui/controls/icon-button";
import { isTouch } from "@/ui/hooks/use-phone";
import type { IconName } from "@/ui/signs/icons";
import { focusMenu } from "./focus";

interface KeyMode {
  readonly id: string | null;
  readonly does: "move" | "resize";
}

const useMode = create<KeyMode>(() => ({ id: null, does: "move" }));

export function beginKeys(id: string, does: KeyMode["does"]): void {
  useMode.setState({ id, does });
}

/** The action of the arrow keys on this panel now. */
export function useKeyMode(id: string): KeyMode["does"] | null {
  return useMode((mode) => (mode.id === id ? mode.does : null));
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const ARROWS: readonly (readonly [string, IconName, string])[] = [
  ["ArrowLeft", "left", "Left"],
  ["ArrowUp", "up", "Up"],
  ["ArrowDown", "down", "Down"],
  ["ArrowRight", "right", "Right"],
];

interface KeyPlateProps {
  readonly id: string;
  /** The action of the arrow keys. */
  readonly does: string;
  /** Steps to the right, and down. */
  onStep(x: number, y: number): void;
}

export function KeyPlate({ id, does, onStep }: KeyPlateProps) {
  const plate = useRef<HTMLButtonElement>(null);
  // also after it has gone with its panel to another section
  useEffect(() => {
    plate.current?.focus({ preventScroll: true });
    plate.current?.closest("[data-cell]")?.scrollIntoView({ block: "nearest" });
  });
  const end = () => useMode.setState({ id: null });
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step) onStep(...step);
    else if (event.key === "Enter" || event.key === "Escape") {
      end();
      focusMenu(id);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const isTouched = isTouch();
  return (
    // its first button keeps the focus, and with it the keys
    // biome-ignore lint/a11y/noStaticElementInteractions: only its buttons are pressed
    <div className="key-plate" onMouseDown={(event) => event.preventDefault()}>
      <button
        ref={plate}
        type="button"
        onKeyDown={onKeyDown}
        onClick={isTouched ? end : undefined}
        onBlur={(event) => {
          const { currentTarget } = event;
          requestAnimationFrame(() => {
            if (currentTarget.isConnected && document.activeElement !== currentTarget) end();
          });
        }}
      >
        {isTouched ? (
          "Done"
        ) : (
          <>
            Arrow keys {does}, <kbd>Enter</kbd> ends
          </>
        )}
      </button>
      {isTouched &&
        ARROWS.map(([key, icon, label]) => (
          <IconButton key={key} icon={icon} label={label} onClick={() => onStep(...STEPS[key]!)} />
        ))}
    </div>
  );
}
