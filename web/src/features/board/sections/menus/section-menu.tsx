/** The menu of a section: add to it, set it, rename, copy, move, hide and remove it. */

import { useState } from "react";
import { copySection, MOST_COPIED } from "@/data/board/copied";
import type { PlacedSection } from "@/data/board/layout";
import { moveSection, removeSection } from "@/data/board/moves";
import { formatNoun } from "@/data/text/format";
import { change, type View } from "@/data/view/view";
import { copyText } from "@/ui/browser/copy-text";
import { IconButton } from "@/ui/controls/icon-button";
import { Menu, MenuItem, MenuLine } from "@/ui/overlays/menu";
import { showDone, showFailed } from "@/ui/overlays/toasts";
import { useReadView, useSetView, useViewStore } from "../../../view/view-store";
import { useBoardActions } from "../../board-set";
import { NameDialog } from "../../dialogs/name-dialog";
import { openAddPanel } from "../../dialogs/open-dialog";
import { editedSection } from "../../settings/edited";
import { pasteHint } from "../paste";

export interface OpenSectionMenuProps {
  readonly placed: PlacedSection;
  readonly isOpen: boolean;
  onOpen(isOpen: boolean): void;
}

/** The menu while it is open, and the dialog that it leads to. */
export function OpenSectionMenu({ placed, isOpen, onOpen }: OpenSectionMenuProps) {
  const [isRenaming, setRenaming] = useState(false);
  return (
    <>
      {isOpen && (
        <Menu
          isOpen
          onOpen={onOpen}
          position="bottom-end"
          target={<IconButton icon="dots" label="Section menu" isSmall isOn />}
        >
          <SectionEntries placed={placed} onRename={() => setRenaming(true)} />
        </Menu>
      )}
      {isRenaming && <RenameSection placed={placed} onClose={() => setRenaming(false)} />}
    </>
  );
}

function SectionEntries({ placed, onRename }: { placed: PlacedSection; onRename(): void }) {
  const { section } = placed;
  const { name, title, view: own } = section;
  const { board } = useBoardActions();
  const { set: setView, setWithWayBack } = useViewStore();
  const readView = useReadView();
  const { sections } = board();
  const at = sections.findIndex((other) => other.name === name);
  const hide = () => {
    setView((view) => change.section(view, name, { isHidden: true }));
    showDone(`Hid the section ${title} with ${formatNoun(section.n + section.nFolded, "panel")}`, {
      label: "Undo",
      run: () => setView((view) => change.section(view, name, { isHidden: false })),
    });
  };
  const remove = () => {
    const run = setWithWayBack(removeSection(readView(), section));
    showDone(`Deleted the section ${title}`, { label: "Undo", run });
  };
  const copy = () => {
    if (section.n > MOST_COPIED) {
      const reason = new Error(
        `it has ${formatNoun(section.n, "panel")}, at most ${MOST_COPIED} can be copied`,
      );
      showFailed(`Could not copy ${title}`, reason);
    } else
      void copyText(
        copySection(readView(), section),
        pasteHint(`${title} with ${formatNoun(section.n, "panel")}`),
      );
  };
  const hasSizes = section.sizes() !== null;
  return (
    <>
      <MenuItem icon="plus" onChoose={() => openAddPanel(name)}>
        Add panel
      </MenuItem>
      <MenuItem icon="gear" onChoose={() => setView({ edited: editedSection(name) })}>
        Section settings
      </MenuItem>
      <MenuItem icon="edit" onChoose={onRename}>
        Rename
      </MenuItem>
      <MenuItem icon="doc" onChoose={copy}>
        Copy section
      </MenuItem>
      {hasSizes && (
        <MenuItem icon="undo" onChoose={() => setView((view) => withoutSizes(view, section.ids()))}>
          Reset panel sizes
        </MenuItem>
      )}
      <MenuLine />
      <MenuItem
        icon="up"
        isDisabled={at <= 0}
        onChoose={() => setView((view) => moveSection(view, board(), name, at - 1))}
      >
        Move up
      </MenuItem>
      <MenuItem
        icon="down"
        isDisabled={at === sections.length - 1}
        onChoose={() => setView((view) => moveSection(view, board(), name, at + 2))}
      >
        Move down
      </MenuItem>
      <MenuLine />
      <MenuItem icon="eyeoff" onChoose={hide}>
        Hide section
      </MenuItem>
      {own.isMade && (
        <MenuItem icon="trash" isDanger onChoose={remove}>
          Delete section
        </MenuItem>
      )}
    </>
  );
}

function withoutSizes(view: View, ids: readonly string[]): Partial<View> {
  const idSet = new Set(ids);
  return {
    panels: Object.fromEntries(
      Object.entries(view.panels).map(([id, panel]) => [
        id,
        idSet.has(id) ? { ...panel, span: null, height: null } : panel,
      ]),
    ),
  };
}

function RenameSection({ placed, onClose }: { placed: PlacedSection; onClose(): void }) {
  const { name, title } = placed.section;
  const setView = useSetView();
  return (
    <NameDialog
      title="Rename section"
      label="Name"
      first={title}
      action="Rename"
      hint={`Metrics that begin with ${name}/ stay in it.`}
      onTake={(text) => setView((view) => change.section(view, name, { title: text === name ? null : text }))}
      onClose={onClose}
    />
  );
}
