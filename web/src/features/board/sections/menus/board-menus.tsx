/** The menus of sections and panels: their buttons come with the page, their entries after it. */

import { useEffect, useRef, useState } from "react";
import type { PlacedSection } from "@/data/board/layout";
import { IconButton } from "@/ui/controls/icon-button";
import { later, useIdleLoad } from "@/ui/parts/later";

const loadMenus = () => import("./open-menus");
const OpenButton = <IconButton icon="dots" label="Section menu" isSmall isOn aria-haspopup="menu" />;
const OpenSectionMenu = later(async () => (await loadMenus()).OpenSectionMenu, OpenButton);

export const PanelEntries = later(async () => (await loadMenus()).PanelEntries);

/** For a page with a board. */
export function useBoardMenus(): void {
  useIdleLoad(loadMenus);
}

export function SectionMenu({ placed }: { placed: PlacedSection }) {
  const [isOpen, setOpen] = useState(false);
  const [isUsed, setUsed] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // the open menu has a button of its own, which goes with it
    if (isUsed && !isOpen && document.activeElement === document.body) button.current?.focus();
  }, [isUsed, isOpen]);
  const open = () => {
    setUsed(true);
    setOpen(true);
  };
  return (
    <>
      {!isOpen && (
        <IconButton
          ref={button}
          icon="dots"
          label="Section menu"
          isSmall
          aria-haspopup="menu"
          onClick={open}
        />
      )}
      {/* a menu for each of a thousand sections would be slow: it exists once it was opened */}
      {isUsed && <OpenSectionMenu placed={placed} isOpen={isOpen} onOpen={setOpen} />}
    </>
  );
}
