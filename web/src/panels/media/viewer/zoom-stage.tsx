/**
 * A stage whose content is enlarged by the wheel and moved by dragging. Several share one zoom, so that all show
 * the same part.
 */

import { type PointerEvent, type ReactNode, useEffect, useRef } from "react";
import { moved, NO_ZOOM, type Zoom, zoomedAt } from "@/data/media/zoom";
import { useStable } from "@/ui/hooks/use-stable";

const WHEEL_RATE = 0.0015;

interface ZoomStageProps {
  readonly zoom: Zoom;
  readonly kind: string | undefined;
  readonly children: ReactNode;
  onZoom(change: (zoom: Zoom) => Zoom): void;
}

export function ZoomStage({ zoom, kind, children, onZoom }: ZoomStageProps) {
  const stage = useRef<HTMLDivElement>(null);
  const dragged = useRef<{ x: number; y: number } | null>(null);
  const onWheel = useStable((event: WheelEvent) => {
    const box = stage.current?.getBoundingClientRect();
    if (!box) return;
    event.preventDefault();
    const at = { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
    onZoom((before) => zoomedAt(before, at, Math.exp(-event.deltaY * WHEEL_RATE)));
  });
  useEffect(() => {
    const element = stage.current;
    // React's own are passive, and the page would scroll
    element?.addEventListener("wheel", onWheel, { passive: false });
    return () => element?.removeEventListener("wheel", onWheel);
  }, [onWheel]);
  const onPointerMove = ({ clientX, clientY, currentTarget }: PointerEvent<HTMLDivElement>) => {
    const from = dragged.current;
    if (!from) return;
    const { width, height } = currentTarget.getBoundingClientRect();
    dragged.current = { x: clientX, y: clientY };
    onZoom((before) => moved(before, (clientX - from.x) / width, (clientY - from.y) / height));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys do the same, see `MediaStages`
    <div
      ref={stage}
      className="media-stage zoomed"
      data-kind={kind}
      data-zoom={zoom.scale === 1 ? undefined : zoom.scale.toFixed(2)}
      onPointerDown={(event) => {
        if (event.button !== 0 || zoom.scale === 1) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        dragged.current = { x: event.clientX, y: event.clientY };
      }}
      onPointerMove={onPointerMove}
      onPointerUp={() => {
        dragged.current = null;
      }}
      onDoubleClick={() => onZoom(() => NO_ZOOM)}
    >
      <div
        className="media-zoom"
        style={{ transform: `translate(${zoom.x * 100}%, ${zoom.y * 100}%) scale(${zoom.scale})` }}
      >
        {children}
      </div>
    </div>
  );
}
