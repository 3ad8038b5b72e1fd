/** A chip: one condition, column or word that was chosen, with a way to take it away. */

import type { ReactNode } from "react";
import { Icon } from "../signs/icons";

interface ChipProps {
  readonly children: ReactNode;
  /** Name of the cross: `Remove the filter on state`. */
  readonly removeLabel?: string;
  /** A click on its text, as to change it. */
  onClick?(): void;
  onRemove?(): void;
}

export function Chip({ children, removeLabel = "Remove", onClick, onRemove }: ChipProps) {
  return (
    <span className={`chip ${onRemove ? "" : "fixed"}`}>
      {onClick ? (
        <button type="button" className="text" onClick={onClick}>
          {children}
        </button>
      ) : (
        <span className="ell">{children}</span>
      )}
      {onRemove && (
        <button type="button" className="drop" aria-label={removeLabel} onClick={onRemove}>
          <Icon name="x" />
        </button>
      )}
    </span>
  );
}
