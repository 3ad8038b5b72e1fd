/** The cursor of histograms over steps: the column that is chosen by pressing, dragging and with keys. */

import { Surface } from "../surface";
import type { HeatMap } from "./heatmap-layout";

export interface HeatMapContent {
  readonly map: HeatMap;
  /** Text of an x in the badge: `Step 20,000`. */
  xLabel(x: number): string;
  xTick(x: number): string;
  /** The chosen column. */
  readonly at: number;
}

export abstract class ColumnCursor extends Surface<HeatMapContent> {
  constructor(element: HTMLElement, onPick: (x: number) => void) {
    super(element);
    const pick = (column: number | null) => {
      const picked = column === null ? undefined : this.content?.map.columns[column];
      if (picked) onPick(picked.source.x);
      return picked !== undefined;
    };
    const pickAt = (event: PointerEvent) => {
      const box = element.getBoundingClientRect();
      pick(this.columnAt(event.clientX - box.left, event.clientY - box.top));
    };
    this.listen("pointerdown", (event) => {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      pickAt(event);
    });
    this.listen("pointermove", (event) => element.hasPointerCapture(event.pointerId) && pickAt(event));
    this.listen("keydown", (event) => {
      if (!pick(this.columnOfKey(event.key))) return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  /** The column at a point of the chart, px. */
  protected abstract columnAt(px: number, py: number): number | null;
  /** The column that a key goes to; null: the key is not the chart's. */
  protected abstract columnOfKey(key: string): number | null;

  override set(content: HeatMapContent): void {
    const isCursorOnly = this.content?.map === content.map;
    this.content = content;
    if (isCursorOnly) this.planTop();
    else this.planBase();
  }
}
