/**
 * The tooltips of all icon buttons: one for the page, shown for what has `data-tip`. One in each of some hundred
 * buttons costs frames whenever rows or panels come into sight.
 */

import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";

const DELAY_MILLIS = 350;
const OFFSET_PX = 6;
const EDGE_PX = 6;
/** Keys that lead from control to control; a focus after others was put there by the page. */
const MOVES = /^(Tab|Arrow|Home|End|Page)/;

interface Tip {
  readonly text: string;
  readonly of: DOMRect;
}

/** Once per page. */
export function HoverTips() {
  const [tip, setTip] = useState<Tip | null>(null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over: HTMLElement | null = null;
    let isMoving = false;
    const onKey = ({ key }: KeyboardEvent) => {
      isMoving = MOVES.test(key);
    };
    const hide = () => {
      clearTimeout(timer);
      setTip(null);
    };
    const show = (element: HTMLElement, millis: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (element.isConnected)
          setTip({ text: element.dataset.tip ?? "", of: element.getBoundingClientRect() });
      }, millis);
    };
    const onOver = (event: PointerEvent) => {
      const target = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-tip]") : null;
      if (target === over) return;
      over = target;
      hide();
      if (target) show(target, DELAY_MILLIS);
    };
    const onFocus = ({ target }: FocusEvent) => {
      if (!(target instanceof HTMLElement) || !target.dataset.tip) return;
      if (isMoving && target.matches(":focus-visible")) show(target, 0);
    };
    document.addEventListener("pointerover", onOver);
    document.addEventListener("focusin", onFocus);
    document.addEventListener("keydown", onKey, true);
    const ends = ["focusout", "pointerdown", "keydown", "wheel"] as const;
    for (const name of ends) document.addEventListener(name, hide, { capture: true, passive: true });
    return () => {
      clearTimeout(timer);
      document.removeEventListener("pointerover", onOver);
      document.removeEventListener("focusin", onFocus);
      document.removeEventListener("keydown", onKey, true);
      for (const name of ends) document.removeEventListener(name, hide, { capture: true });
    };
  }, []);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element || !tip) return;
    const { offsetWidth: width, offsetHeight: height } = element;
    const { left, top, bottom } = tip.of;
    const x = left + tip.of.width / 2 - width / 2;
    const isBelow = bottom + OFFSET_PX + height < window.innerHeight - EDGE_PX;
    const y = isBelow ? bottom + OFFSET_PX : top - OFFSET_PX - height;
    const at = Math.max(EDGE_PX, Math.min(window.innerWidth - EDGE_PX - width, x));
    element.style.transform = `translate(${Math.round(at)}px, ${Math.round(y)}px)`;
  }, [tip]);
  if (!tip) return null;
  return createPortal(
    // the button says it to screen readers itself
    <div className="hover-tip" ref={box} aria-hidden="true">
      {tip.text}
    </div>,
    document.body,
  );
}
