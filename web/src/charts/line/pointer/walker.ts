/** The keyboard's crosshair: walks from point to point, and tells a screen reader where it is. */

import { findNearest } from "@/data/curves/columns";
import { formatWithin } from "@/data/text/format";
import type { Frame } from "../../axis/scale";
import type { BuiltLine } from "../built-line";
import type { Hover } from "./hover";
import { hitsAt, spanOf } from "./hover";

/** The state of the chart now. */
interface WalkState {
  readonly lines: readonly BuiltLine[];
  readonly frame: Frame | null;
  readonly hover: Hover | null;
}

export class Walker {
  readonly #status: HTMLDivElement;
  readonly #pointAt: (px: number, py: number) => Hover | null;
  #line = "";

  constructor(element: HTMLElement, pointAt: (px: number, py: number) => Hover | null) {
    this.#pointAt = pointAt;
    this.#status = document.createElement("div");
    this.#status.setAttribute("role", "status");
    this.#status.style.cssText =
      "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)";
    element.append(this.#status);
  }

  destroy(): void {
    this.#status.remove();
  }

  /** Tell a screen reader. */
  say(text: string): void {
    this.#status.textContent = text;
  }

  /** Walk along the curve. Returns how far, in px, a point lies beyond what is shown; null where it is shown. */
  walk(state: WalkState, points: number): number | null {
    const { frame } = state;
    const line = this.#lineOf(state);
    if (!frame || !line) return null;
    const last = line.x.length - 1;
    const start = state.hover ? findNearest(line.x, state.hover.x) : -1;
    const at =
      start < 0
        ? findNearest(line.x, frame.xAt((frame.left + frame.right) / 2))
        : Number.isFinite(points)
          ? Math.max(0, Math.min(last, start + points))
          : this.#endInView(line, frame, points);
    const px = frame.xPx(line.x[at]!);
    if (px < frame.left - 0.5) return px;
    if (px > frame.right + 0.5) return frame.left + px - frame.right;
    this.#show(state, line, at);
    return null;
  }

  /** Go to the curve above or below at the same place. */
  climb(state: WalkState, by: 1 | -1): void {
    const { frame, hover, lines } = state;
    const line = this.#lineOf(state);
    if (!frame || !line) return;
    if (!hover) {
      this.walk(state, 0);
      return;
    }
    const hits = hitsAt(lines, hover.x).sort((a, b) => a.line.y[a.at]! - b.line.y[b.at]!);
    const own = hits.findIndex((hit) => hit.line.id === line.id);
    const next = hits[Math.max(0, Math.min(hits.length - 1, own + by))];
    if (next) this.#show(state, next.line, next.at);
  }

  #lineOf({ lines, hover }: WalkState): BuiltLine | undefined {
    const walkedLine = lines.find((line) => line.id === this.#line && line.x.length > 0);
    return walkedLine ?? hover?.near?.line ?? lines.find((line) => line.x.length > 0);
  }

  #endInView(line: BuiltLine, frame: Frame, points: number): number {
    const at = findNearest(line.x, points < 0 ? frame.x[0] : frame.x[1]);
    const px = frame.xPx(line.x[at]!);
    if (px < frame.left) return at + 1;
    return px > frame.right ? at - 1 : at;
  }

  #show({ frame }: WalkState, line: BuiltLine, at: number): void {
    if (!frame) return;
    this.#line = line.id;
    const py = Math.max(frame.top, Math.min(frame.floor, frame.yPx(line.y[at]!)));
    const px = Math.max(frame.left, Math.min(frame.right, frame.xPx(line.x[at]!)));
    const hover = this.#pointAt(px, py);
    if (hover) this.say(`${hover.label}, ${line.name}: ${formatWithin(line.drawn[at]!, spanOf(frame.y))}`);
  }
}
