/** The dialog that adds an empty section, before the others. */

import { addSection } from "@/data/board/moves";
import { useSetView } from "../../view/view-store";
import { useBoardOfPage } from "../board-set";
import { focusFirstSection } from "../moving/focus";
import { NameDialog } from "./name-dialog";
import { closeDialog } from "./open-dialog";

export default function AddSection() {
  const board = useBoardOfPage();
  const setView = useSetView();
  const names = board.all.flatMap(({ name, title }) => [name, title]);
  const problemOf = (name: string) => {
    if (!board.isKnown) return "The sections of the project are not known yet";
    return names.includes(name) ? `There is a section ${name} already` : null;
  };
  return (
    <NameDialog
      title="Add section"
      label="Name"
      first=""
      action="Add section"
      hint="It is empty at first: move panels into it, or add some."
      problemOf={problemOf}
      onTake={(name) => {
        setView((view) => addSection(view, board, name) ?? {});
        focusFirstSection(name);
      }}
      onClose={closeDialog}
    />
  );
}
