/** The unseen target of a menu or popover that opens at a point of the page. */

import type { ComponentProps } from "react";

interface PointTargetProps extends ComponentProps<"button"> {
  readonly label: string;
  /** Px of the viewport. */
  readonly anchor: { readonly left: number; readonly top: number } | null;
}

export function PointTarget({ label, anchor, ...rest }: PointTargetProps) {
  const { left = 0, top = 0 } = anchor ?? {};
  return (
    <button
      type="button"
      aria-label={label}
      tabIndex={-1}
      {...rest}
      style={{
        position: "fixed",
        left,
        top,
        width: 1,
        height: 1,
        padding: 0,
        border: 0,
        opacity: 0,
        pointerEvents: "none",
      }}
    />
  );
}
