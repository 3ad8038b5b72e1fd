/** The panels of a view in their sections. Of thousands only those near the view exist. */

import { memo, useMemo, useRef } from "react";
import { layoutBoard, sectionsBetween } from "@/data/board/layout";
import { useWidth } from "@/panels/frame/use-in-view";
import { useStable } from "@/ui/hooks/use-stable";
import { EmptyState } from "@/ui/signs/empty-state";
import { useSetView, useView } from "../view/view-store";
import { BoardFoot } from "./board-foot";
import { LayoutContext, useBoardOfPage } from "./board-set";
import { DropMark, useBoardDrag } from "./moving/board-drag";
import { LiveText } from "./moving/live-text";
import { BoardSection } from "./sections/board-section";
import { useHeldPanel, useHeldPanelScroll } from "./settings/use-held-panel";
import { useStillSections } from "./use-still-sections";
import { useWindow } from "./use-window";
import "./board.css";

export const PanelBoard = memo(function PanelBoard() {
  const board = useBoardOfPage();
  const area = useRef<HTMLDivElement>(null);
  const width = useWidth(area);
  const [held, setHeld] = useHeldPanel();
  const release = useStable(() => setHeld(null));
  const layout = useMemo(() => (width > 0 ? layoutBoard(board, width, held) : null), [board, width, held]);
  const { top, bottom } = useWindow(area);
  const layoutNow = useStable(() => layout);
  useBoardDrag(area, board, layout);
  useHeldPanelScroll(area, layout, held, release);
  useStillSections(area, layout, board.arrivals);
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
              onTurn={release}
              // of one that is wholly near the view they stay as they are while it scrolls
              from={Math.max(0, top - placed.box.y)}
              to={Math.min(placed.box.height, bottom - placed.box.y)}
            />
          ))}
        <DropMark />
      </div>
      {board.isSearch && board.sections.length === 0 && <NoMatches />}
      {!board.isSearch && <BoardFoot board={board} />}
      <LiveText />
    </LayoutContext>
  );
});

function NoMatches() {
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
