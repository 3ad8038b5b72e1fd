/** A panel's menu: what all kinds have, what its kind adds, what the page adds. Mounted while it is open. */

import { Menu } from "@mantine/core";
import { type ReactNode, useRef, useState } from "react";
import type { Panel } from "@/data/view/panel";
import { IconButton } from "@/ui/controls/icon-button";
import { MenuItem, MenuLine } from "@/ui/overlays/menu";

interface PanelMenuProps {
  readonly panel: Panel;
  readonly own?: ReactNode;
  readonly page?: ReactNode;
  readonly isReadOnly?: boolean | undefined;
  onFull(id: string | null): void;
  onEdit(id: string | null): void;
  /** Null: it has no address. */
  readonly onLink: (() => void) | null;
  /** Null: its kind's own entries export it. */
  readonly onPicture: (() => void) | null;
}

export function PanelMenu(props: PanelMenuProps) {
  const { panel, own, page, isReadOnly, onFull, onEdit, onLink, onPicture } = props;
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <span className="panel-menu">
      <IconButton
        ref={button}
        icon="dots"
        label="Panel menu"
        isSmall
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      />
      {isOpen && (
        <Menu opened onClose={close} position="bottom-end" width={228}>
          <Menu.Target>
            <span className="at" />
          </Menu.Target>
          <Menu.Dropdown>
            <MenuItem icon="full" onChoose={() => onFull(panel.id)}>
              Full screen
            </MenuItem>
            {!isReadOnly && (
              <MenuItem icon="gear" onChoose={() => onEdit(panel.id)}>
                Settings
              </MenuItem>
            )}
            {onLink && (
              <MenuItem icon="link" onChoose={onLink}>
                Copy link
              </MenuItem>
            )}
            {onPicture && (
              <MenuItem icon="download" end=".png" onChoose={onPicture}>
                Save picture
              </MenuItem>
            )}
            {own && <MenuLine />}
            {own}
            {page && <MenuLine />}
            {page}
          </Menu.Dropdown>
        </Menu>
      )}
    </span>
  );
}
