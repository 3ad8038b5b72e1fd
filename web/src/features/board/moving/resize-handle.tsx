/**
 * A panel's lower right corner: dragged, or by the arrow keys from the panel's menu. The panel follows in steps
 * of the grid; the others make room when it is let go.
 */

import { memo, type PointerEvent, type RefObject } from "react";
import { GAP, GRID_COLUMNS, leastSpan } from "@/data/board/layout";
import { resizePanel } from "@/data/board/moves";
import { useSetView } from "../../view/view-store";
import { KeyPlate, useKeyMode } from "./key-mode";
import { announce } from "./live-text";

const LEAST_PX = 120;
const MOST_PX = 1200;
const STEP_PX = 12;

interface ResizeHandleProps {
  readonly id: string;
  readonly cell: RefObject<HTMLElement | null>;
  readonly pitch: number;
  readonly width: number;
  readonly height: number;
}

export const ResizeHandle = memo(function ResizeHandle(props: ResizeHandleProps) {
  const { id, cell, pitch, width, height } = props;
  const setView = useSetView();
  const span = Math.round((width + GAP) / pitch);

  const sizeAt = (dx: number, dy: number) => ({
    span: clamp(Math.round((width + dx + GAP) / pitch), leastSpan(pitch), GRID_COLUMNS),
    height: clamp(Math.round((height + dy) / STEP_PX) * STEP_PX, LEAST_PX, MOST_PX),
  });
  const take = (size: { span: number; height: number }, coalesce?: string) => {
    const part = {
      ...(size.span !== span && { span: size.span }),
      ...(size.height !== height && { height: size.height }),
    };
    if (Object.keys(part).length > 0) setView((view) => resizePanel(view, id, part), { coalesce });
  };

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    const element = cell.current;
    if (event.button !== 0 || !element) return;
    event.preventDefault();
    const handle = event.currentTarget;
    handle.setPointerCapture(event.pointerId);
    const from = { x: event.clientX, y: event.clientY };
    let size = { span, height };
    const onMove = (move: globalThis.PointerEvent) => {
      size = sizeAt(move.clientX - from.x, move.clientY - from.y);
      element.classList.add("resized");
      element.style.width = `${size.span * pitch - GAP}px`;
      element.style.height = `${size.height}px`;
      element.dataset.size = `${size.span} of ${GRID_COLUMNS}, ${size.height} px`;
    };
    const end = (isAccepted: boolean) => {
      handle.removeEventListener("pointermove", onMove);
      handle.removeEventListener("pointerup", onUp);
      handle.removeEventListener("pointercancel", onCancel);
      document.removeEventListener("keydown", onKey, true);
      element.classList.remove("resized");
      element.style.width = `${width}px`;
      element.style.height = `${height}px`;
      if (isAccepted) take(size);
    };
    const onUp = () => end(true);
    const onCancel = () => end(false);
    const onKey = (press: globalThis.KeyboardEvent) => {
      if (press.key !== "Escape") return;
      press.stopPropagation();
      end(false);
    };
    handle.addEventListener("pointermove", onMove);
    handle.addEventListener("pointerup", onUp);
    handle.addEventListener("pointercancel", onCancel);
    document.addEventListener("keydown", onKey, true);
  };

  const onStep = (x: number, y: number) => {
    const size = sizeAt(x * pitch, y * 2 * STEP_PX);
    take(size, `resize ${id}`);
    announce(`${size.span} of ${GRID_COLUMNS} columns, ${size.height} px high`);
  };

  return (
    <>
      <div
        className="resize"
        aria-hidden="true"
        onPointerDown={onPointerDown}
        onDoubleClick={() => setView((view) => resizePanel(view, id, { span: null, height: null }))}
      />
      {useKeyMode(id) === "resize" && <KeyPlate id={id} does="resize" onStep={onStep} />}
    </>
  );
});

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
