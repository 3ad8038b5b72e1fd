/**
 * The board's entries of a panel's menu: duplicate it, copy it, move it, give it another size, hide it, take it away, delete its metric.
 */

import { SHARED_ENTITY } from "@/api/client";
import { panelTitle } from "@/data/board/board";
import { copyPanel } from "@/data/board/copied";
import {
  duplicatePanel,
  hidePanels,
  movePanelTo,
  removePanels,
  resizePanel,
  showPanels,
} from "@/data/board/moves";
import { autoMetricOf, onlyMetricOf } from "@/data/view/panel";
import { kindNames } from "@/data/view/panel-kinds";
import { panelOf, settingsOf } from "@/data/view/view";
import { copyText } from "@/ui/browser/copy-text";
import { isTouch } from "@/ui/hooks/use-phone";
import { MenuItem, MenuLine } from "@/ui/overlays/menu";
import { showDone } from "@/ui/overlays/toasts";
import { openShare } from "../../../open-share";
import { useRights } from "../../../use-rights";
import { useReadView, useView, useViewStore } from "../../../view/view-store";
import { useBoardActions, useBoardMode, usePanelSet } from "../../board-set";
import { openDeleteMetric, openMovePanel } from "../../dialogs/open-dialog";
import { beginKeys } from "../../moving/key-mode";
import { pasteHint } from "../paste";

export function PanelEntries({ id }: { id: string }) {
  const { set: setView, setWithWayBack } = useViewStore();
  const readView = useReadView();
  const { board } = useBoardActions();
  const { project, runs, runIds, groupBy: listed } = usePanelSet();
  const hasSections = useBoardMode().gridId === null;
  const hasRuns = runs.length > 0;
  const { mayWrite, mayShare } = useRights(project);
  const panel = useView((view) => panelOf(view, id));
  const isFull = useView((view) => view.full === id);
  if (!panel) return null;
  const title = panelTitle(panel);
  const isMade = autoMetricOf(id) === null;
  const metric = onlyMetricOf(panel);
  const arrows = isTouch() ? "arrows" : "arrow keys";
  const hasSize = panel.span !== null || panel.height !== null;

  const duplicate = () => {
    const copy = duplicatePanel(readView(), board(), id);
    if (copy) setView(copy.part);
  };
  const copy = () => {
    const text = copyPanel(readView(), id);
    if (text !== null) void copyText(text, pasteHint(title));
  };
  const hide = () => {
    setView((view) => hidePanels(view, [id]));
    showDone(`Hid ${title}`, { label: "Undo", run: () => setView((view) => showPanels(view, [id])) });
  };
  const remove = () => {
    const run = setWithWayBack(removePanels(readView(), [id]));
    showDone(`Deleted ${title}`, { label: "Undo", run });
  };
  const share = () => {
    const settings = settingsOf(readView(), panel);
    const document = { panel, settings: { ...settings, groupBy: settings.groupBy ?? listed } };
    openShare({ project, share: { kind: "panel", name: title, runs: [...runIds], document } });
  };
  const toStart = () => setView((view) => movePanelTo(view, id, panel.section));

  return (
    <>
      <MenuItem icon="copy" onChoose={duplicate}>
        Duplicate
      </MenuItem>
      <MenuItem icon="doc" onChoose={copy}>
        Copy panel
      </MenuItem>
      {mayShare &&
        hasSections &&
        hasRuns &&
        project.entity !== SHARED_ENTITY &&
        !kindNames(panel.kind).isOfFiles && (
          <MenuItem icon="send" onChoose={share}>
            Share by a link…
          </MenuItem>
        )}
      {hasSections && (
        <MenuItem icon="box" onChoose={() => openMovePanel(id)}>
          Move to section
        </MenuItem>
      )}
      {!isFull && (
        <>
          <MenuItem icon="up" onChoose={toStart}>
            Move to the start
          </MenuItem>
          <MenuItem icon="move" onChoose={() => beginKeys(id, "move")}>
            Move with {arrows}
          </MenuItem>
          <MenuItem icon="full" onChoose={() => beginKeys(id, "resize")}>
            Resize with {arrows}
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
      {hasSections && (
        <MenuItem icon="eyeoff" onChoose={hide}>
          Hide
        </MenuItem>
      )}
      {isMade && (
        <MenuItem icon="trash" isDanger onChoose={remove}>
          Delete
        </MenuItem>
      )}
      {/* it names the runs shown, which are not those of the panel's own */}
      {mayWrite && hasSections && metric !== null && hasRuns && panel.runFilter === null && (
        <>
          <MenuLine />
          <MenuItem icon="trash" isDanger onChoose={() => openDeleteMetric(metric)}>
            Delete metric…
          </MenuItem>
        </>
      )}
    </>
  );
}
