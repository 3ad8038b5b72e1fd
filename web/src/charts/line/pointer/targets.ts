/** Pointer and keys on a chart: what each of their events means for its crosshair, its range and its pin. */

import type { Frame, Range } from "../../axis/scale";
import { pin, tip } from "../../shared-state";
import type { BuiltLine } from "../built-line";
import type { LineEvents } from "../line-events";
import type { ChartPin } from "./chart-pin";
import type { GestureRange } from "./gesture";
import type { Hover } from "./hover";
import type { KeyTarget } from "./keyboard";
import type { PointerTarget } from "./pointer";
import type { Walker } from "./walker";

/** The parts of a chart that pointer and keys act on. */
export interface InputChart {
  readonly events: LineEvents;
  readonly gesture: GestureRange;
  readonly walker: Walker;
  readonly pin: ChartPin;
  /** The state on the screen. */
  now(): ChartNow;
  /** The newest curves, also before they are drawn; by keys even where others are on the screen. */
  catchUp(isByKey?: boolean): ChartNow;
  /** Whether places of the frame are places of the view's axis. */
  isOfView(): boolean;
  isZoomed(): boolean;
  pointAt(px: number, py: number): void;
  leave(): void;
  select(range: readonly [number, number] | null): void;
  pinAt(px: number, py: number, isByKey: boolean): boolean;
}

interface ChartNow {
  readonly lines: readonly BuiltLine[];
  readonly frame: Frame | null;
  /** Of x in the frame. */
  readonly axis: string | null;
  readonly hover: Hover | null;
}

/** Act on the range that is shown, where it is one of the view's axis. */
function act(chart: InputChart, change: (frame: Frame, axis: string) => void): void {
  const { frame, axis } = chart.catchUp();
  if (!frame || !axis || !chart.isOfView()) return;
  tip.set(null);
  change(frame, axis);
}

export function pointerTarget(chart: InputChart): PointerTarget {
  const { events, gesture } = chart;
  return {
    get frame() {
      return chart.catchUp().frame;
    },
    moveTo: chart.pointAt,
    leave: chart.leave,
    select: chart.select,
    zoom: ([from, to]: Range) => {
      const { frame } = chart.now();
      if (frame && chart.isOfView()) events.onZoom([frame.xAt(from), frame.xAt(to)]);
    },
    resetZoom: () => events.onResetZoom(),
    pan: (px, from) => act(chart, (frame, axis) => gesture.pan(frame, axis, px, from)),
    panned: (apply) => gesture.end(apply),
    wheel: (px, factor) => act(chart, (frame, axis) => gesture.wheel(frame, axis, px, factor)),
    wheelAside: (px) => {
      if (!chart.isZoomed()) return false;
      act(chart, (frame, axis) => gesture.wheelAside(frame, axis, px));
      return true;
    },
  };
}

export function keyTarget(chart: InputChart): KeyTarget {
  const { events, gesture, walker } = chart;
  const middle = (frame: Frame) => {
    const { hover } = chart.now();
    return hover ? frame.xPx(hover.x) : (frame.left + frame.right) / 2;
  };
  return {
    walk: (points) => {
      const beyond = walker.walk(chart.catchUp(true), points);
      if (beyond !== null) act(chart, (frame, axis) => gesture.wheelAside(frame, axis, frame.left - beyond));
    },
    climb: (by) => walker.climb(chart.catchUp(true), by),
    zoomBy: (factor) => act(chart, (frame, axis) => gesture.wheel(frame, axis, middle(frame), factor)),
    panBy: (part) =>
      act(chart, (frame, axis) => gesture.wheelAside(frame, axis, -part * (frame.right - frame.left))),
    resetZoom: () => events.onResetZoom(),
    choose: () => {
      const { hover, frame } = chart.now();
      const near = hover?.near;
      if (!near || !frame) return false;
      const { line, at: point } = near;
      events.onChoose(line, frame.xPx(line.x[point]!), frame.yPx(line.y[point]!));
      return true;
    },
    pin: () => {
      const { hover, frame } = chart.now();
      if (hover && frame) {
        const { near } = hover;
        const py = near ? frame.yPx(near.line.y[near.at]!) : (frame.top + frame.floor) / 2;
        return chart.pinAt(frame.xPx(hover.x), Math.max(frame.top, Math.min(frame.floor, py)), true);
      }
      const pinned = pin.get();
      if (!pinned || !chart.pin.isOwn) return false;
      pin.set({ ...pinned, isByKey: true });
      return true;
    },
    dismiss: chart.leave,
    clear: (isByKey) => {
      const wasActive = (isByKey && chart.now().hover !== null) || pin.get() !== null;
      if (!wasActive) return false;
      chart.leave();
      pin.set(null);
      return true;
    },
  };
}
