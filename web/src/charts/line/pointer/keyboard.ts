export interface KeyTarget {
  /** Walk by so many points along the curve; infinite goes to its end. */
  walk(points: number): void;
  /** Go to the next curve above (1) or below (-1). */
  climb(by: 1 | -1): void;
  /** Zoom around the crosshair; below 1 is closer. */
  zoomBy(factor: number): void;
  /** Move what is shown by a part of its width. */
  panBy(part: number): void;
  resetZoom(): void;
  /** Choose the highlighted curve; false if no curve is highlighted. */
  choose(): boolean;
  /** Pin the tooltip where the crosshair is, or go into the pinned one; false where there is neither. */
  pin(): boolean;
  /** Take the crosshair away. */
  dismiss(): void;
  /** Take the pin away, and the crosshair if keys walk with it; false where there was none of them. */
  clear(isByKey: boolean): boolean;
}

/** Points that Page Up, Page Down and Shift walk. */
const MANY = 10;
const CLOSER = 0.5;
const PAN_PART = 0.25;

function actionOf(event: KeyboardEvent, target: KeyTarget): (() => void) | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const points = event.shiftKey ? MANY : 1;
  switch (event.key) {
    case "ArrowLeft":
      return () => target.walk(-points);
    case "ArrowRight":
      return () => target.walk(points);
    case "PageUp":
      return () => target.panBy(-PAN_PART);
    case "PageDown":
      return () => target.panBy(PAN_PART);
    case "Home":
      return () => target.walk(Number.NEGATIVE_INFINITY);
    case "End":
      return () => target.walk(Number.POSITIVE_INFINITY);
    case "ArrowUp":
      return () => target.climb(1);
    case "ArrowDown":
      return () => target.climb(-1);
    case "+":
    case "=":
      return () => target.zoomBy(CLOSER);
    case "-":
      return () => target.zoomBy(1 / CLOSER);
    case "0":
      return () => target.resetZoom();
    default:
      return undefined;
  }
}

/** Whether a key opens the menu of the curve, as it does in the runs list. */
function isChoosing(event: KeyboardEvent): boolean {
  const isAlone = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
  return isAlone && (event.key === "Enter" || event.key === "m");
}

/**
 * Bind the keys of a focused chart: the crosshair walks over points, curves and pages without a pointer; returns the function
 * that unbinds them.
 */
export function followKeys(element: HTMLElement, target: KeyTarget): () => void {
  const unbind = new AbortController();
  const { signal } = unbind;
  let isByKey = false;
  const note = ({ type }: Event) => {
    isByKey = type === "focus" && element.matches(":focus-visible");
  };
  element.addEventListener("pointerdown", note, { signal });
  element.addEventListener("focus", note, { signal });
  element.addEventListener(
    "keydown",
    (event) => {
      if (event.defaultPrevented) return;
      // the first Escape takes the pin and the crosshair of keys away, the next is the page's; browsers call the
      // focus visible by this key already
      if (event.key === "Escape") {
        if (!target.clear(isByKey)) return;
        event.preventDefault();
        event.stopPropagation();
        return;
      }
      // who has clicked in the chart did not come by keyboard: in full screen the arrows are the page's
      if (!element.matches(":focus-visible")) return;
      isByKey = true;
      if (isChoosing(event)) {
        if (!target.choose()) return;
      } else if (event.key === " ") {
        if (!target.pin()) return;
      } else {
        const act = actionOf(event, target);
        if (!act) return;
        act();
      }
      event.preventDefault();
      event.stopPropagation();
    },
    { signal },
  );
  element.addEventListener("blur", () => target.dismiss(), { signal });
  return () => unbind.abort();
}
