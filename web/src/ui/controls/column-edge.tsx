/**
 * The right edge of a column's head, which is its parent: dragged it is the column's width, a double click gives back the first one.
 */

import { useRef } from "react";

interface ColumnEdgeProps {
  /** Null: the first width again. */
  onResize(widthPx: number | null): void;
}

export function ColumnEdge({ onResize }: ColumnEdgeProps) {
  const start = useRef<{ x: number; widthPx: number } | null>(null);
  return (
    <span
      className="col-edge"
      aria-hidden="true"
      onPointerDown={(event) => {
        event.stopPropagation();
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        const head = event.currentTarget.parentElement;
        if (head) start.current = { x: event.clientX, widthPx: head.offsetWidth };
      }}
      onPointerMove={(event) => {
        if (start.current) onResize(start.current.widthPx + event.clientX - start.current.x);
      }}
      onPointerUp={() => {
        start.current = null;
      }}
      onDoubleClick={() => onResize(null)}
    />
  );
}
