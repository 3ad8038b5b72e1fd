/** The dialog that moves a panel to another section, or to a new one. */

import { useState } from "react";
import { panelTitle } from "@/data/board/board";
import { addSection, movePanelTo } from "@/data/board/moves";
import { panelOf } from "@/data/view/view";
import { Button } from "@/ui/controls/button";
import { Field } from "@/ui/fields/field";
import { Dialog } from "@/ui/overlays/dialog";
import { useReadView, useSetView } from "../../view/view-store";
import { useBoardOfPage } from "../board-set";
import { closeDialog } from "./open-dialog";
import { SectionField } from "./section-field";

export default function MovePanel({ id }: { id: string }) {
  const board = useBoardOfPage();
  const setView = useSetView();
  const panel = panelOf(useReadView()(), id);
  const [name, setName] = useState("");
  if (!panel) return null;
  const canMove = name !== "" && board.isKnown;
  const move = () => {
    if (!canMove) return;
    setView((view) => {
      const added = addSection(view, board, name) ?? {};
      return { ...added, ...movePanelTo({ ...view, ...added }, id, name) };
    });
    closeDialog();
  };
  return (
    <Dialog
      title={`Move ${panelTitle(panel)}`}
      isOpen
      onClose={closeDialog}
      actions={
        <>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button look="ink" disabled={!canMove} onClick={move}>
            Move
          </Button>
        </>
      }
    >
      <Field label="To the section" hint="A new name adds a section.">
        <SectionField board={board} name={name} autoFocus onName={setName} onEnter={move} />
      </Field>
    </Dialog>
  );
}
