/** A word about a control, on hover and on focus; with the key that does the same. */

import { Tooltip as MantineTooltip } from "@mantine/core";
import type { ReactElement, ReactNode } from "react";
import { KeyHint } from "../keys/key-hint";

interface TooltipProps {
  readonly label: ReactNode;
  readonly keys?: string;
  readonly isOff?: boolean;
  /** One element that takes a ref. */
  readonly children: ReactElement;
}

export function Tooltip({ label, keys, isOff, children }: TooltipProps) {
  return (
    <MantineTooltip
      disabled={isOff}
      label={
        keys ? (
          <span className="row">
            {label}
            <KeyHint keys={keys} />
          </span>
        ) : (
          label
        )
      }
    >
      {children}
    </MantineTooltip>
  );
}
