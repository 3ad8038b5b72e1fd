/** The part of a drawing that is shown, moved by dragging and by keys, and enlarged by the wheel. */

import {
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { useStable } from "@/ui/hooks/use-stable";
import { type Frame, zoomed } from "./frame";

const KEY_PX = 60;
export const KEY_FACTOR = 1.25;
const WHEEL_RATE = 0.0015;
const DRAG_PX = 3;
const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [KEY_PX, 0],
  ArrowRight: [-KEY_PX, 0],
  ArrowUp: [0, KEY_PX],
  ArrowDown: [0, -KEY_PX],
};

interface Size {
  readonly width: number;
  readonly height: number;
}

interface FrameOptions {
  /** False: a picture that does not move. */
  readonly isOn: boolean;
  /** What is shown at first, and again when the room changes. */
  start(room: Size): Frame;
  /** All of it, for the key 0. */
  whole(room: Size): Frame;
  /** The pointer went down and up without a move. */
  onPress?(event: PointerEvent): void;
}

export function useFrame(element: RefObject<Element | null>, options: FrameOptions) {
  const { isOn } = options;
  const dragged = useRef<{ x: number; y: number; isMoved: boolean } | null>(null);
  const [frame, setFrame] = useState<Frame>({ scale: 1, x: 0, y: 0 });
  const roomOf = useStable((): Size => {
    const { width = 0, height = 0 } = element.current?.getBoundingClientRect() ?? {};
    return { width, height };
  });
  const toStart = useStable(() => setFrame(options.start(roomOf())));
  useLayoutEffect(() => {
    if (!element.current) return;
    const sizes = new ResizeObserver(toStart);
    sizes.observe(element.current);
    return () => sizes.disconnect();
  }, [element, toStart]);
  useEffect(() => {
    const drawing = element.current;
    if (!drawing || !isOn) return;
    const onWheel = (event: Event) => {
      const { deltaY, clientX, clientY } = event as WheelEvent;
      event.preventDefault();
      const { left, top } = drawing.getBoundingClientRect();
      const at = { x: clientX - left, y: clientY - top };
      setFrame((before) => zoomed(before, Math.exp(-deltaY * WHEEL_RATE), at));
    };
    drawing.addEventListener("wheel", onWheel, { passive: false });
    return () => drawing.removeEventListener("wheel", onWheel);
  }, [element, isOn]);
  /** Larger or smaller, around the middle. */
  const zoom = useStable((factor: number) => {
    const { width, height } = roomOf();
    setFrame((before) => zoomed(before, factor, { x: width / 2, y: height / 2 }));
  });
  const showAll = useStable(() => setFrame(options.whole(roomOf())));
  /** By px of the drawing. */
  const move = useStable((dx: number, dy: number) =>
    setFrame((before) => ({ ...before, x: before.x + dx * before.scale, y: before.y + dy * before.scale })),
  );
  /** A point of the drawing comes into the middle unless it is in sight. */
  const show = useStable(({ x, y }: { readonly x: number; readonly y: number }, padPx: number) => {
    const { width, height } = roomOf();
    setFrame((before) => {
      const [px, py] = [before.x + x * before.scale, before.y + y * before.scale];
      const isSeen = px > padPx && px < width - padPx && py > 0 && py < height;
      return isSeen
        ? before
        : { ...before, x: width / 2 - x * before.scale, y: height / 2 - y * before.scale };
    });
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const move = MOVES[event.key];
    if (move) setFrame((before) => ({ ...before, x: before.x + move[0], y: before.y + move[1] }));
    else if (event.key === "+" || event.key === "=") zoom(KEY_FACTOR);
    else if (event.key === "-") zoom(1 / KEY_FACTOR);
    else if (event.key === "0") showAll();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button === 0) dragged.current = { x: event.clientX, y: event.clientY, isMoved: false };
  };
  const onPointerMove = (event: PointerEvent) => {
    const from = dragged.current;
    if (!from) return;
    const [x, y] = [event.clientX - from.x, event.clientY - from.y];
    if (!from.isMoved && Math.hypot(x, y) < DRAG_PX) return;
    // only now: a press on a link in the drawing is the link's
    if (!from.isMoved) element.current?.setPointerCapture(event.pointerId);
    dragged.current = { x: event.clientX, y: event.clientY, isMoved: true };
    setFrame((before) => ({ ...before, x: before.x + x, y: before.y + y }));
  };
  const onPointerUp = (event: PointerEvent) => {
    const isPress = dragged.current?.isMoved === false;
    dragged.current = null;
    if (isPress) options.onPress?.(event);
  };
  const onPointerCancel = () => {
    dragged.current = null;
  };
  const hands = isOn && {
    onKeyDown,
    onPointerDown,
    onPointerMove,
    onPointerUp,
    onPointerCancel,
    tabIndex: 0,
    "data-own-keys": "",
  };
  return { frame, hands, move, show, showAll, toStart, zoom };
}
