/** The board's end: a section more, and what is hidden with the way back. */

import { type Board, panelTitle } from "@/data/board/board";
import { showAll, showPanels } from "@/data/board/moves";
import { formatNoun } from "@/data/text/format";
import { change, panelOf } from "@/data/view/view";
import { Button } from "@/ui/controls/button";
import { Popover } from "@/ui/overlays/popover";
import { MidName } from "@/ui/text/mid-name";
import { useSetView, useView } from "../view/view-store";
import { openAddSection } from "./dialogs/open-dialog";

export function BoardFoot({ board }: { board: Board }) {
  const ids = useView((view) => view.hiddenPanels);
  const { hidden } = board;
  const isAny = ids.length > 0 || hidden.length > 0;
  const parts = [
    ids.length > 0 && formatNoun(ids.length, "panel"),
    hidden.length > 0 && formatNoun(hidden.length, "section"),
  ].filter(Boolean);
  return (
    <div className="board-foot">
      <Button look="quiet" isSmall icon="plus" onClick={openAddSection}>
        Add section
      </Button>
      {isAny && (
        <Popover
          label="Hidden"
          position="top-start"
          width={340}
          target={
            <Button look="quiet" isSmall icon="eyeoff">
              {parts.join(" and ")} hidden
            </Button>
          }
        >
          <HiddenList board={board} ids={ids} />
        </Popover>
      )}
    </div>
  );
}

function HiddenList({ board, ids }: { board: Board; ids: readonly string[] }) {
  const setView = useSetView();
  const panels = useView((view) => view.panels);
  const { hidden } = board;
  return (
    <div className="hidden-list">
      <ul>
        {hidden.map(({ name, title, n, nFolded }) => (
          <li key={name}>
            <span className="ell">
              {title} <span className="meta">section of {formatNoun(n + nFolded, "panel")}</span>
            </span>
            <Button
              look="quiet"
              isSmall
              aria-label={`Show the section ${title}`}
              onClick={() => setView((view) => change.section(view, name, { isHidden: false }))}
            >
              Show
            </Button>
          </li>
        ))}
        {ids.map((id) => {
          const panel = panelOf({ panels }, id);
          const title = panel ? panelTitle(panel) : id;
          return (
            <li key={id}>
              <MidName name={title} />
              <Button
                look="quiet"
                isSmall
                aria-label={`Show ${title}`}
                onClick={() => setView((view) => showPanels(view, [id]))}
              >
                Show
              </Button>
            </li>
          );
        })}
      </ul>
      <Button isSmall onClick={() => setView(showAll)}>
        Show all
      </Button>
    </div>
  );
}
