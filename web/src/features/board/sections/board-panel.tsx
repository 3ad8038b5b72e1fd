/** One panel of a view, drawn by its kind; and its place on the board, where it can be moved and resized. */

import { memo, Suspense, useMemo, useRef } from "react";
import { panelTitle } from "@/data/board/board";
import type { Box } from "@/data/board/layout";
import { stepOf } from "@/data/view/media-steps";
import { autoMetricOf, makePanel } from "@/data/view/panel";
import { kindNames } from "@/data/view/panel-kinds";
import { panelNames } from "@/data/view/panel-names";
import { panelOf, settingsOf } from "@/data/view/view";
import { zoomOf } from "@/data/view/zoom";
import type { PanelProps } from "@/panels/panel-props";
import { useDrawnAxis } from "@/panels/plot/drawn-axis";
import { PANEL_KINDS } from "@/panels/registry";
import { useView } from "../../view/view-store";
import { useBoardActions, useBoardMode, usePanelSet } from "../board-set";
import { useIsDragged } from "../moving/drag-state";
import { useKeyMode } from "../moving/key-mode";
import { MovePlate } from "../moving/move-plate";
import { ResizeHandle } from "../moving/resize-handle";
import { useTurn } from "../pace";
import { PanelWithoutRuns, useOwnRuns } from "./own-runs";
import { useSystemPanel } from "./use-system-panel";

const NO_PANEL = makePanel("", "line", "");

interface ViewPanelProps {
  readonly id: string;
  readonly isFull?: boolean;
  readonly isWholePage?: boolean;
  readonly nav?: React.ReactNode;
}

/** A panel with the settings of the view, wherever it stands. */
export function ViewPanel({ id, isFull = false, isWholePage = false, nav }: ViewPanelProps) {
  const shared = usePanelSet();
  const { onZoom, onStep, onChange, onFull, onEdit, onSpread, onDuplicate } = useBoardActions();
  const viewPanel = useView((view) => panelOf(view, id));
  const panel = useSystemPanel(viewPanel);
  const settings = useView((view) => settingsOf(view, panelOf(view, id) ?? NO_PANEL));
  const { set, state } = useOwnRuns(
    shared,
    panel?.runFilter ?? null,
    panel !== null && kindNames(panel.kind).isOfOneProject === true,
  );
  const drawn = useDrawnAxis(set.project, id);
  const zoom = useView((view) => zoomOf(view, panelOf(view, id) ?? NO_PANEL, drawn));
  const step = useView((view) => stepOf(view, panelOf(view, id) ?? NO_PANEL));
  const isEdited = useView((view) => view.edited === id);
  const { isReadOnly, gridId, Entries, linkOf } = useBoardMode();
  const menu = useMemo(() => Entries && <Entries id={id} />, [Entries, id]);
  if (!viewPanel) return null;
  if (!panel) return <div className="panel" />;
  const Kind = PANEL_KINDS[panel.kind].Panel;
  const props: PanelProps = {
    ...set,
    panel,
    settings,
    zoom,
    step,
    isFull,
    isWholePage,
    isEdited,
    onZoom,
    onStep,
    onChange,
    onFull,
    onEdit,
    isReadOnly,
    onSpread: isReadOnly || gridId !== null ? undefined : onSpread,
    onDuplicate: isReadOnly ? undefined : onDuplicate,
    linkOf,
    menu,
    nav,
  };
  if (state) return <PanelWithoutRuns of={props} state={state} />;
  return (
    <Suspense fallback={<div className="panel" />}>
      <Kind {...props} />
    </Suspense>
  );
}

/** A panel while the board flies by. */
function PanelToCome({ id }: { id: string }) {
  const panel = useSystemPanel(useView((view) => panelOf(view, id)));
  const isAuto = autoMetricOf(id) !== null;
  const title = panel && (isAuto ? panelNames(panel).short : panelTitle(panel));
  return (
    <article className="panel">
      <header className="ph">
        <h3 className="ell">{title}</h3>
      </header>
    </article>
  );
}

interface BoardPanelProps extends Box {
  readonly id: string;
  readonly pitch: number;
}

/** A panel at its place, from the section's upper left. */
export const BoardPanel = memo(function BoardPanel({ id, pitch, ...box }: BoardPanelProps) {
  const cell = useRef<HTMLDivElement>(null);
  const isDragged = useIsDragged(id);
  const keyMode = useKeyMode(id);
  const isDue = useTurn();
  const { x, y, width, height } = box;
  return (
    <div
      ref={cell}
      className={`cell ${isDragged ? "dragged" : ""} ${keyMode === "move" ? "moved" : ""}`}
      data-cell={id}
      style={{ left: x, top: y, width, height }}
    >
      {isDue ? <ViewPanel id={id} /> : <PanelToCome id={id} />}
      {keyMode === "move" && <MovePlate id={id} />}
      <ResizeHandle id={id} cell={cell} pitch={pitch} width={width} height={height} />
    </div>
  );
});
