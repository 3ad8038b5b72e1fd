/**
 * A small window at its button: for what has fields, where a menu has only items.
 */

import { Popover as MantinePopover } from "@mantine/core";
import { cloneElement, createContext, type ReactElement, type ReactNode, useState } from "react";

/** Whether one is in a popover: a menu there opens inside it, as a click elsewhere would close both. */
export const InPopover = createContext(false);

interface PopoverProps {
  /** The button that opens it; a click on it is handled here. */
  readonly target: ReactElement<{ onClick?: () => void; "aria-expanded"?: boolean }>;
  readonly label: string;
  readonly children: ReactNode | ((close: () => void) => ReactNode);
  readonly width?: number;
  readonly position?: "bottom-start" | "bottom-end" | "right-start" | "top-start";
  /** With `onOpen`: the page holds whether it is open. */
  readonly isOpen?: boolean;
  onOpen?(isOpen: boolean): void;
}

export function Popover({
  target,
  label,
  children,
  width,
  position = "bottom-start",
  isOpen,
  onOpen,
}: PopoverProps) {
  const [isOwnOpen, setOwnOpen] = useState(false);
  const isShown = isOpen ?? isOwnOpen;
  const set = (next: boolean) => {
    setOwnOpen(next);
    onOpen?.(next);
  };
  return (
    <MantinePopover
      opened={isShown}
      onChange={set}
      position={position}
      width={width}
      trapFocus
      returnFocus
      // here and not there: Escape first closes what is open inside
      closeOnEscape={false}
      shadow="none"
    >
      <MantinePopover.Target>
        {cloneElement(target, { onClick: () => set(!isShown), "aria-expanded": isShown })}
      </MantinePopover.Target>
      <MantinePopover.Dropdown
        aria-label={label}
        className="pop-body"
        onKeyDown={(event) => {
          const isInner = (event.target as Element).closest("[role=menu]") !== null;
          if (event.key === "Escape" && !isInner) set(false);
        }}
      >
        <InPopover value>{typeof children === "function" ? children(() => set(false)) : children}</InPopover>
      </MantinePopover.Dropdown>
    </MantinePopover>
  );
}
