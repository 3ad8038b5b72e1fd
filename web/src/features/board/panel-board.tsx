/**
 * The panels of a view in their sections. Of thousands only those near the view exist.
 */

import { useContext, useEffect, useMemo, useRef } from "react";
import { type BoardLayout, layoutBoard, sectionsBetween } from "@/data/board/layout";
import { ScrollRoot, useWidth } from "@/panels/use-in-view";
import { EmptyState } from "@/ui/empty-state";
import { useStable } from "@/ui/use-stable";
import { useSetView, useView } from "../view/view-store";
import { DropMark, useBoardDrag } from "./board-drag";
import { BoardFoot } from "./board-foot";
import { BoardSection } from "./board-section";
import { LayoutContext, useBoardOfPage } from "./board-set";
import { LiveText } from "./live-text";
import { useWindow } from "./use-window";
import "./board.css";

export function PanelBoard() {
  const board = useBoardOfPage();
  const area = useRef<HTMLDivElement>(null);
  const width = useWidth(area);
  const layout = useMemo(() => (width > 0 ? layoutBoard(board, width) : null), [board, width]);
  const { top, bottom } = useWindow(area);
  const layoutNow = useStable(() => layout);
  useBoardDrag(area, board, layout);
  useEditedInView(area, layout);
  return (
    <LayoutContext value={layoutNow}>
      <div className="board" ref={area} style={{ height: layout?.height }}>
        {layout &&
          sectionsBetween(layout, top, bottom).map((placed) => (
            <BoardSection
              key={placed.section.name}
              placed={placed}
              isSearch={board.isSearch}
              pitch={layout.pitch}
              // of one that is wholly near the view they stay as they are while it scrolls
              from={Math.max(0, top - placed.box.y)}
              to={Math.min(placed.box.height, bottom - placed.box.y)}
            />
          ))}
        <DropMark />
      </div>
      {board.isSearch && board.sections.length === 0 && <NothingFound />}
      {!board.isSearch && <BoardFoot board={board} />}
      <LiveText />
    </LayoutContext>
  );
}

/** What is being set stays in view when the settings beside it make the board narrower. */
function useEditedInView(area: React.RefObject<HTMLElement | null>, layout: BoardLayout | null): void {
  const root = useContext(ScrollRoot);
  const edited = useView((view) => view.edited);
  const pitch = layout?.pitch;
  const bringIntoView = useStable((id: string) => {
    if (!root || !area.current || !layout) return;
    const box = boxOf(layout, id);
    if (!box) return;
    const top = area.current.getBoundingClientRect().top - root.getBoundingClientRect().top + box.y;
    if (top >= 0 && top + box.height <= root.clientHeight) return;
    root.scrollBy(0, top - Math.max(0, (root.clientHeight - box.height) / 2));
  });
  useEffect(() => {
    if (edited !== null && pitch !== undefined) bringIntoView(edited);
  }, [edited, pitch, bringIntoView]);
}

/** Where a panel stands on the board; null while it is on no open page. */
function boxOf(layout: BoardLayout, id: string): { y: number; height: number } | null {
  for (const { section, cells, first, box } of layout.sections) {
    if (cells.length === 0) continue;
    const cell = cells[section.ids().indexOf(id) - first];
    if (cell) return { y: box.y + cell.y, height: cell.height };
  }
  return null;
}

function NothingFound() {
  const search = useView((view) => view.panelSearch);
  const setView = useSetView();
  return (
    <div className="board-say">
      <EmptyState
        icon="search"
        title="No panel matches"
        action={
          <button type="button" className="btn sm" onClick={() => setView({ panelSearch: "" })}>
            Clear search
          </button>
        }
      >
        No metric and no title has <span className="mono">{search}</span>.
      </EmptyState>
    </div>
  );
}
