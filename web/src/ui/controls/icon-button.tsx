/** A square button with an icon; its name is its tooltip and what screen readers say. */

import type { ComponentProps } from "react";
import { Icon, type IconName } from "../signs/icons";

interface IconButtonProps extends Omit<ComponentProps<"button">, "children"> {
  readonly icon: IconName;
  readonly label: string;
  readonly isSmall?: boolean;
  /** For a toggle: whether it is on. */
  readonly isOn?: boolean;
}

export function IconButton({ icon, label, isSmall, isOn, className = "", ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      className={`btn q ico ${isSmall ? "sm" : ""} ${className}`}
      aria-label={label}
      aria-pressed={isOn}
      data-tip={label}
      {...rest}
    >
      <Icon name={icon} isSmall={isSmall} />
    </button>
  );
}
