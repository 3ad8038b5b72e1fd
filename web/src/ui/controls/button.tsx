/** A button with a text, and perhaps an icon before it. At most one `ink` per page. */

import type { ComponentProps } from "react";
import { Icon, type IconName } from "../signs/icons";

interface ButtonProps extends ComponentProps<"button"> {
  /** `danger` is red text; `doom` the filled one that ends a dialog. */
  readonly look?: "plain" | "ink" | "quiet" | "danger" | "doom";
  readonly icon?: IconName;
  readonly isSmall?: boolean;
  /** For a toggle: whether it is on. */
  readonly isOn?: boolean;
}

const CLASSES = { plain: "", ink: "ink", quiet: "q", danger: "warn", doom: "danger" } as const;

export function Button(props: ButtonProps) {
  const { look = "plain", icon, isSmall, isOn, className = "", children, ...rest } = props;
  return (
    <button
      type="button"
      className={`btn ${CLASSES[look]} ${isSmall ? "sm" : ""} ${className}`}
      aria-pressed={isOn}
      {...rest}
    >
      {icon && <Icon name={icon} isSmall />}
      {children}
    </button>
  );
}
