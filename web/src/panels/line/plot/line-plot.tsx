/** The chart of a line panel with what is set by clicking in it: thresholds and annotations. */

import { lazy, type MouseEvent, Suspense, useRef, useState } from "react";
import type { Frame } from "@/charts/axis/scale";
import type { XAxis } from "@/charts/axis/x-axis";
import type { Curve, LineView } from "@/charts/line/curve";
import type { LineChart } from "@/charts/line/line";
import type { BuiltChart } from "@/charts/line/line-build";
import type { Mark } from "@/data/view/panel";
import type { PanelProps } from "../../panel-props";
import type { OnMenu } from "../../plot/legend";
import { Plot } from "../../plot/plot";
import { newMark } from "../marks/mark-words";

const MarkEdit = lazy(() => import("../marks/mark-edit"));
const MarkPlacement = lazy(() => import("../marks/mark-placement"));

/** A click this near a mark is on it, px. */
const NEAR_PX = 6;
/** A longer way between press and release is a drag, px. */
const CLICK_PX = 4;
const EDIT_PX = { width: 268, height: 112 };

interface LinePlotProps {
  readonly of: PanelProps;
  readonly title: string;
  readonly curves: readonly Curve[];
  readonly view: LineView;
  readonly axis: XAxis;
  /** The mark that the next click sets; null: none. */
  readonly placing: Mark["kind"] | null;
  onPlacing(kind: Mark["kind"] | null): void;
  onChart(chart: LineChart | null): void;
  onOwnRanges(own: BuiltChart["own"]): void;
  onDensity(most: number | null): void;
  /** Absent where curves have no menu. */
  onMenu?: OnMenu | undefined;
}

interface Edited {
  readonly index: number;
  readonly left: number;
  readonly top: number;
}

export function LinePlot(props: LinePlotProps) {
  const { of, title, curves, view, axis, placing, onPlacing, onChart, onOwnRanges, onDensity, onMenu } =
    props;
  const { panel, runs, isFull, onZoom, onChange } = of;
  const { marks } = panel;
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<LineChart | null>(null);
  const pressed = useRef({ x: 0, y: 0, isTouch: false });
  const [edited, setEdited] = useState<Edited | null>(null);
  const frame = () => chart.current?.frame ?? null;
  const setMarks = (next: readonly Mark[]) => onChange(panel.id, { marks: next });

  const openAt = (index: number, mark: Mark) => {
    const now = frame();
    if (!now) return;
    const isLine = mark.kind === "threshold";
    const px = isLine ? now.width / 2 : now.xPx(mark.at);
    const py = isLine ? now.yPx(mark.at) : now.top;
    setEdited({
      index,
      left: Math.max(4, Math.min(now.width - EDIT_PX.width - 4, px - EDIT_PX.width / 2)),
      top: Math.max(4, Math.min(now.height - EDIT_PX.height - 4, py + 10)),
    });
  };
  const onClick = (event: MouseEvent) => {
    const now = frame();
    const area = box.current?.getBoundingClientRect();
    const { x, y, isTouch } = pressed.current;
    if ((event.target as Element).closest(".mark-edit")) return;
    if (!now || !area || Math.hypot(event.clientX - x, event.clientY - y) > CLICK_PX) return;
    const index = markAt(marks, now, event.clientX - area.left, event.clientY - area.top);
    if (index >= 0) openAt(index, marks[index]!);
    // a double click resets the zoom: what its first click has opened or pinned goes again
    else if (event.detail > 1) {
      onMenu?.(null);
      chart.current?.unpin();
    }
    // a tap reads values; with Shift there is a way to pin them where curves leave no empty part
    else if (isTouch || event.shiftKey || !openMenu(event))
      chart.current?.togglePin(event.clientX - area.left, event.clientY - area.top);
  };
  /** Whether there is a curve with a menu under the pointer. */
  const openMenu = (event: MouseEvent): boolean => {
    const area = box.current?.getBoundingClientRect();
    const isOnChart = !(event.target as Element).closest(".placing, .mark-edit");
    const curve =
      area && isOnChart && chart.current?.curveAt(event.clientX - area.left, event.clientY - area.top);
    if (!curve || !onMenu) return false;
    onMenu({ highlightId: curve.highlightId, left: event.clientX, top: event.clientY });
    return true;
  };
  const mark = edited && marks[edited.index];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/noStaticElementInteractions: marks are also set in the panel's settings
    <div
      className="plot-box"
      ref={box}
      onPointerDownCapture={(event) => {
        const { clientX, clientY, pointerType } = event;
        pressed.current = { x: clientX, y: clientY, isTouch: pointerType === "touch" };
      }}
      onClick={onClick}
      onContextMenu={(event) => {
        if (openMenu(event)) event.preventDefault();
      }}
    >
      <Plot
        title={title}
        sources={curves}
        view={view}
        panel={panel.id}
        hasTip={!isFull}
        onZoom={(range) => onZoom(panel.id, range)}
        onOwnRanges={onOwnRanges}
        onDensity={onDensity}
        onChoose={(curve, px, py) => {
          const area = box.current?.getBoundingClientRect();
          if (area) onMenu?.({ highlightId: curve.highlightId, left: area.left + px, top: area.top + py });
        }}
        onChart={(instance) => {
          chart.current = instance;
          onChart(instance);
        }}
      />
      <Suspense>
        {placing && (
          <MarkPlacement
            kind={placing}
            axis={axis}
            frame={() => chart.current?.frameOfView ?? null}
            onCancel={() => onPlacing(null)}
            onPlaced={(at) => {
              const mark = newMark(placing, at);
              onPlacing(null);
              setMarks([...marks, mark]);
              openAt(marks.length, mark);
            }}
          />
        )}
        {mark && (
          <MarkEdit
            mark={mark}
            left={edited.left}
            top={edited.top}
            runs={runs}
            onClose={() => setEdited(null)}
            onMark={(next) => {
              setMarks(marks.flatMap((other, i) => (i !== edited.index ? [other] : next ? [next] : [])));
              if (!next) setEdited(null);
            }}
          />
        )}
      </Suspense>
    </div>
  );
}

/** The mark at a place of the chart; -1 where there is none. */
function markAt(marks: readonly Mark[], frame: Frame, px: number, py: number): number {
  return marks.findIndex((mark) =>
    mark.kind === "threshold"
      ? Math.abs(frame.yPx(mark.at) - py) <= NEAR_PX && px >= frame.left
      : Math.abs(frame.xPx(mark.at) - px) <= NEAR_PX ||
        (py < frame.top && px > frame.xPx(mark.at) && px < frame.xPx(mark.at) + mark.text.length * 6),
  );
}
