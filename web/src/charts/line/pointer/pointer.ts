import type { Frame } from "../../axis/scale";

/** A shorter drag is a click, px. */
const DRAG_PX = 5;
/** A wheel's notch (100 px) zooms by about a fifth. */
const WHEEL_STRENGTH = 0.002;
/** Wheels that count in lines: about so many px each. */
const LINE_PX = 16;

/** Actions of a chart on the pointer; px are of the chart's element. */
export interface PointerTarget {
  readonly frame: Frame | null;
  moveTo(px: number, py: number): void;
  leave(): void;
  /** The range that is being selected, or null when that ends or is given up. */
  select(range: readonly [number, number] | null): void;
  zoom(range: readonly [number, number]): void;
  resetZoom(): void;
  /** Move what is shown by `px` from where it was when the drag began, at `from`. */
  pan(px: number, from: number): void;
  /** The drag has ended; `apply` is false where it was given up. */
  panned(apply: boolean): void;
  /** Zoom around `px`; below 1 is closer. */
  wheel(px: number, factor: number): void;
  /** Move by a wheel that goes sideways. Returns whether there was anything to move. */
  wheelAside(px: number): boolean;
}

type Drag = { readonly kind: "select" | "pan"; readonly start: number; end: number };

/**
 * Bind pointer, wheel and Escape to a chart, in px of its element: hover, select a range, move, zoom; returns the function that
 * unbinds them.
 */
export function followPointer(element: HTMLElement, target: PointerTarget): () => void {
  const unbind = new AbortController();
  const { signal } = unbind;
  let drag: Drag | null = null;
  const pixelOf = (event: MouseEvent) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top] as const;
  };
  const inPlot = (px: number) => {
    const { left = 0, right = 0 } = target.frame ?? {};
    return Math.max(left, Math.min(right, px));
  };
  const finish = (apply: boolean) => {
    if (!drag) return;
    const { kind, start, end } = drag;
    drag = null;
    if (kind === "pan") {
      target.panned(apply);
      return;
    }
    target.select(null);
    const range = [Math.min(start, end), Math.max(start, end)] as const;
    if (apply && range[1] - range[0] >= DRAG_PX) target.zoom(range);
  };
  element.addEventListener(
    "pointerdown",
    (event) => {
      const { frame } = target;
      // where the page takes a finger's drags, the chart takes none: the finger reads values
      if (event.pointerType === "touch" && getComputedStyle(element).touchAction !== "none") return;
      const isPan = event.shiftKey || event.button === 1;
      if (!frame || (event.button !== 0 && !isPan)) return;
      const [px, py] = pixelOf(event);
      const kind = isPan || py > frame.floor ? "pan" : "select";
      const start = kind === "pan" ? px : inPlot(px);
      drag = { kind, start, end: start };
      element.setPointerCapture(event.pointerId);
      // no text selection, no scrolling by the middle button; but the chart takes the focus
      if (isPan) event.preventDefault();
    },
    { signal },
  );
  element.addEventListener(
    "pointermove",
    (event) => {
      const [px, py] = pixelOf(event);
      if (drag?.kind === "pan") {
        target.pan(px - drag.start, drag.start);
        return;
      }
      if (drag) {
        drag.end = inPlot(px);
        target.select([drag.start, drag.end]);
      }
      target.moveTo(px, py);
    },
    { signal },
  );
  element.addEventListener("pointerup", () => finish(true), { signal });
  element.addEventListener("pointercancel", () => finish(false), { signal });
  element.addEventListener("pointerleave", () => target.leave(), { signal });
  element.addEventListener("dblclick", () => target.resetZoom(), { signal });
  element.addEventListener(
    "wheel",
    (event) => {
      if (!target.frame) return;
      const scale = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        target.wheel(inPlot(pixelOf(event)[0]), Math.exp(event.deltaY * scale * WHEEL_STRENGTH));
        return;
      }
      const aside = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
      if (Math.abs(aside) > Math.abs(event.shiftKey ? 0 : event.deltaY) && target.wheelAside(-aside * scale))
        event.preventDefault();
    },
    { signal, passive: false },
  );
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !drag) return;
      // before the chart and the page: the key is no other's while one drags
      event.preventDefault();
      finish(false);
    },
    { signal, capture: true },
  );
  return () => unbind.abort();
}
