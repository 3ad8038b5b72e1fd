/** A menu that opens below its button: items, labelled groups, lines between them. */

import { Menu as MantineMenu } from "@mantine/core";
import { type KeyboardEvent, type ReactElement, type ReactNode, useContext, useState } from "react";
import { Icon, type IconName } from "../signs/icons";
import { PointTarget } from "./point-target";
import { InPopover } from "./popover";
import { useFirstOpen } from "./use-first-open";
import { useOutsideClick } from "./use-outside-click";
import { useReturnFocus } from "./use-return-focus";

interface MenuProps {
  /** The button that opens it; it needs a name. */
  readonly target: ReactElement;
  readonly children: ReactNode;
  readonly position?: "bottom-start" | "bottom-end" | "right-start" | "top-start" | "top-end";
  readonly width?: number;
  readonly isOpen?: boolean;
  onOpen?(isOpen: boolean): void;
}

/** Escape closes the menu alone, and not what it stands in. */
function takeEscape(event: KeyboardEvent): void {
  if (event.key === "Escape") event.preventDefault();
}

export function Menu({ target, children, position = "bottom-start", width, isOpen, onOpen }: MenuProps) {
  const isInside = useContext(InPopover);
  const [isOwnOpen, setOwnOpen] = useState(false);
  const { isMounted, isOpened } = useFirstOpen(isOpen ?? isOwnOpen);
  useReturnFocus(isOpened);
  useOutsideClick(isOpened);
  return (
    <MantineMenu
      returnFocus={false}
      position={position}
      width={width}
      opened={isOpened}
      onChange={(next) => {
        setOwnOpen(next);
        onOpen?.(next);
      }}
      withinPortal={!isInside}
    >
      <MantineMenu.Target>{target}</MantineMenu.Target>
      {isMounted && <MantineMenu.Dropdown onKeyDown={takeEscape}>{children}</MantineMenu.Dropdown>}
    </MantineMenu>
  );
}

interface PointMenuProps {
  readonly label: string;
  /** Where on the page it opens, px; null: it is closed. */
  readonly anchor: { readonly left: number; readonly top: number } | null;
  readonly children: ReactNode;
  onClose(): void;
}

/** A menu that opens at a point of the page. */
export function PointMenu({ label, anchor, children, onClose }: PointMenuProps) {
  const { isMounted, isOpened } = useFirstOpen(anchor !== null);
  useReturnFocus(isOpened);
  useOutsideClick(isOpened);
  if (!isMounted) return null;
  return (
    <MantineMenu opened={isOpened} onClose={onClose} returnFocus={false}>
      <MantineMenu.Target>
        <PointTarget label={label} anchor={anchor} />
      </MantineMenu.Target>
      <MantineMenu.Dropdown onKeyDown={takeEscape}>{children}</MantineMenu.Dropdown>
    </MantineMenu>
  );
}

interface MenuItemProps {
  readonly icon?: IconName;
  readonly children: ReactNode;
  /** At the right: a count, the end of a file's name. */
  readonly end?: ReactNode;
  /** At the right where there are keys: what chooses it without the menu. */
  readonly keys?: string | undefined;
  readonly isDanger?: boolean;
  readonly isDisabled?: boolean;
  readonly title?: string | undefined;
  /** The menu stays open: for what is switched on and off. */
  readonly staysOpen?: boolean;
  onChoose(): void;
}

export function MenuItem(props: MenuItemProps) {
  const { icon, children, end, keys, title, isDanger, isDisabled, staysOpen, onChoose } = props;
  return (
    <MantineMenu.Item
      className={isDanger ? "danger" : undefined}
      leftSection={icon && <Icon name={icon} isSmall />}
      rightSection={keys ? <span className="keys-hint">{keys}</span> : end}
      title={title}
      disabled={isDisabled}
      closeMenuOnClick={!staysOpen}
      onClick={onChoose}
    >
      {children}
    </MantineMenu.Item>
  );
}

interface SubMenuProps {
  readonly icon?: IconName;
  readonly label: string;
  /** Its items. */
  readonly children: ReactNode;
}

/** An item that opens more of them next to it: by hovering, a click or the right arrow. */
export function SubMenu({ icon, label, children }: SubMenuProps) {
  return (
    <MantineMenu.Sub openDelay={80} closeDelay={160} transitionProps={{ duration: 0 }}>
      <MantineMenu.Sub.Target>
        <MantineMenu.Sub.Item
          leftSection={icon && <Icon name={icon} isSmall />}
          rightSection={<Icon name="right" isSmall />}
        >
          {label}
        </MantineMenu.Sub.Item>
      </MantineMenu.Sub.Target>
      <MantineMenu.Sub.Dropdown>{children}</MantineMenu.Sub.Dropdown>
    </MantineMenu.Sub>
  );
}

/** The name of the items that follow. */
export function MenuLabel({ className, children }: { className?: string; children: ReactNode }) {
  return <MantineMenu.Label className={className}>{children}</MantineMenu.Label>;
}

export function MenuLine() {
  return <MantineMenu.Divider />;
}
