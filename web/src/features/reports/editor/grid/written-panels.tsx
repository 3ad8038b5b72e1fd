/** The panels of a grid where they are dragged and resized, as on a board of the workspace. */

import { useMemo, useRef, useState } from "react";
import { layoutGrid } from "@/data/report/grid";
import { useWidth } from "@/panels/frame/use-in-view";
import { SharedRanges, SharedRangesContext } from "@/panels/plot/shared-ranges";
import { useStable } from "@/ui/hooks/use-stable";
import { LayoutContext, useBoardOfPage } from "../../../board/board-set";
import { DropMark, useBoardDrag } from "../../../board/moving/board-drag";
import { useDrag } from "../../../board/moving/drag-state";
import { BoardPanel } from "../../../board/sections/board-panel";
import "../../../board/board.css";

interface WrittenPanelsProps {
  /** The runs are not known yet. */
  readonly isWaiting: boolean;
  onAdd(): void;
}

export function WrittenPanels({ isWaiting, onAdd }: WrittenPanelsProps) {
  const board = useBoardOfPage();
  const area = useRef<HTMLDivElement>(null);
  const width = useWidth(area);
  const layout = useMemo(() => (width > 0 ? layoutGrid(board, width) : null), [board, width]);
  const layoutNow = useStable(() => layout);
  useBoardDrag(area, board, layout);
  const [ranges] = useState(() => new SharedRanges());
  // panels that are there stay while the runs of a new set are read
  const [isReady, setReady] = useState(false);
  if (!isWaiting && !isReady) setReady(true);
  const [placed] = layout?.sections ?? [];
  const ids = placed?.section.ids() ?? NO_IDS;
  const isDragged = useDrag(({ dragged }) => dragged !== null && ids.includes(dragged.id));
  return (
    <LayoutContext value={layoutNow}>
      <div className="board" ref={area} style={{ height: layout?.height }}>
        <SharedRangesContext value={ranges}>
          {placed?.cells.map((cell, i) => {
            const id = ids[placed.first + i]!;
            if (isReady) return <BoardPanel key={id} id={id} pitch={layout!.pitch} {...cell} />;
            const { x, y, width, height } = cell;
            return (
              <div key={id} className="cell" style={{ left: x, top: y, width, height }}>
                <div className="panel" />
              </div>
            );
          })}
        </SharedRangesContext>
        {isDragged && <DropMark />}
        {ids.length === 0 && (
          <p className="sec-empty">
            <span>
              No panels yet.{" "}
              <button type="button" className="btn sm" onClick={onAdd}>
                Add one
              </button>
            </span>
          </p>
        )}
      </div>
    </LayoutContext>
  );
}

const NO_IDS: readonly string[] = [];
