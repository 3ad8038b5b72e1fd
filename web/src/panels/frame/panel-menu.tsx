/** A panel's menu: what all kinds have, what its kind adds, what the page adds. Mounted while it is open. */

import { Menu } from "@mantine/core";
import { type ReactNode, useRef, useState } from "react";
import type { Panel } from "@/data/view/panel";
import { copyText } from "@/ui/browser/copy-text";
import { IconButton } from "@/ui/controls/icon-button";
import { MenuItem, MenuLine } from "@/ui/overlays/menu";

interface PanelMenuProps {
  readonly panel: Panel;
  readonly own?: ReactNode;
  readonly page?: ReactNode;
  readonly isReadOnly?: boolean | undefined;
  onFull(id: string | null): void;
  onEdit(id: string | null): void;
  /** Null: its kind's own entries export it. */
  readonly onPicture: (() => void) | null;
}

export function PanelMenu({ panel, own, page, isReadOnly, onFull, onEdit, onPicture }: PanelMenuProps) {
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
              <>
                <MenuItem icon="gear" onChoose={() => onEdit(panel.id)}>
                  Settings
                </MenuItem>
                <MenuItem icon="link" onChoose={() => copyPanelLink(panel.id)}>
                  Copy link
                </MenuItem>
              </>
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

/** A link to the page as it is, with this panel over it; null: the page shows only the panel. */
export async function copyPanelLink(id: string | null): Promise<void> {
  const url = new URL(window.location.href);
  if (id !== null) url.searchParams.set("full", id);
  url.searchParams.delete("edited");
  await copyText(url.href, "the link to this panel");
}
