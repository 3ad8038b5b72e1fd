/**
 * The board's entries of a panel's menu: copy it, move it, give it another size, hide it, take it away.
 */

import { panelTitle } from "@/data/board/board";
import {
  duplicatePanel,
  hidePanels,
  movePanelTo,
  removePanels,
  resizePanel,
  showPanels,
} from "@/data/board/moves";
import { autoMetricOf } from "@/data/view/panel";
import { change, panelOf, sectionView } from "@/data/view/view";
import { MenuItem, MenuLine } from "@/ui/menu";
import { showDone } from "@/ui/toasts";
import { useReadView, useSetView, useView } from "../view/view-store";
import { useBoardActions } from "./board-set";
import { beginKeys } from "./key-mode";
import { openMovePanel } from "./open-dialog";

export function PanelEntries({ id }: { id: string }) {
  const setView = useSetView();
  const readView = useReadView();
  const { board } = useBoardActions();
  const panel = useView((view) => panelOf(view, id));
  const isFull = useView((view) => view.full === id);
  if (!panel) return null;
  const title = panelTitle(panel);
  const isMade = autoMetricOf(id) === null;
  const hasSize = panel.span !== null || panel.height !== null;

  const duplicate = () => {
    const copy = duplicatePanel(readView(), board(), id);
    if (copy) setView(copy.part);
  };
  const hide = () => {
    setView((view) => hidePanels(view, [id]));
    showDone(`Hid ${title}`, { label: "Undo", run: () => setView((view) => showPanels(view, [id])) });
  };
  const remove = () => {
    const { order } = sectionView(readView(), panel.section);
    setView((view) => removePanels(view, [id]));
    showDone(`Deleted ${title}`, {
      label: "Undo",
      run: () =>
        setView((view) => ({
          ...change.section(view, panel.section, { order }),
          panels: { ...view.panels, [id]: panel },
        })),
    });
  };
  const toStart = () => setView((view) => movePanelTo(view, id, panel.section));

  return (
    <>
      <MenuItem icon="copy" onChoose={duplicate}>
        Duplicate
      </MenuItem>
      <MenuItem icon="box" onChoose={() => openMovePanel(id)}>
        Move to section
      </MenuItem>
      {!isFull && (
        <>
          <MenuItem icon="up" onChoose={toStart}>
            Move to the start
          </MenuItem>
          <MenuItem icon="move" onChoose={() => beginKeys(id, "move")}>
            Move with arrow keys
          </MenuItem>
          <MenuItem icon="full" onChoose={() => beginKeys(id, "resize")}>
            Resize with arrow keys
          </MenuItem>
          {hasSize && (
            <MenuItem
              icon="undo"
              onChoose={() => setView((view) => resizePanel(view, id, { span: null, height: null }))}
            >
              Reset size
            </MenuItem>
          )}
        </>
      )}
      <MenuLine />
      <MenuItem icon="eyeoff" onChoose={hide}>
        Hide
      </MenuItem>
      {isMade && (
        <MenuItem icon="trash" isDanger onChoose={remove}>
          Delete
        </MenuItem>
      )}
    </>
  );
}
