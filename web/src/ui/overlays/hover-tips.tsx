/**
 * The tooltips of all icon buttons and of all names that are cut: one for the page, shown for what has `data-tip` or
 * `data-cut`. One in each of some hundred buttons costs frames whenever rows or panels come into sight.
 */

import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";

const DELAY_MILLIS = 350;
const OFFSET_PX = 6;
const EDGE_PX = 6;
const TIPPED = "[data-tip], [data-cut]";
/** Keys that lead from control to control; a focus after others was put there by the page. */
const MOVES = /^(Tab|Arrow|Home|End|Page)/;

interface Tip {
  readonly text: string;
  readonly of: DOMRect;
}

function textOf(element: HTMLElement): string {
  return element.dataset.tip ?? element.title;
}

/** The part that has the keyboard: in a list that keeps the focus, a row or a cell. */
function focusedPart(): Element | null {
  const focused = document.activeElement;
  const part = focused?.getAttribute("aria-activedescendant");
  return part ? document.getElementById(part) : focused;
}

/** Once per page, after its first paint. */
export default function HoverTips() {
  const [tip, setTip] = useState<Tip | null>(null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over: HTMLElement | null = null;
    /** The browser's own tip of `over`, which would cover this one. */
    let title = "";
    let isMoving = false;
    const hide = () => {
      clearTimeout(timer);
      setTip(null);
    };
    const show = (find: () => HTMLElement | null, text: string | null, millis: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const element = find();
        if (element?.isConnected)
          setTip({ text: text ?? textOf(element), of: element.getBoundingClientRect() });
      }, millis);
    };
    const onOver = (event: Pick<PointerEvent, "target">) => {
      const target = event.target instanceof Element ? event.target.closest<HTMLElement>(TIPPED) : null;
      if (target === over) return;
      if (over && title !== "" && !over.title) over.title = title;
      over = target;
      title = target?.title ?? "";
      hide();
      if (!target) return;
      show(() => target, textOf(target), DELAY_MILLIS);
      target.removeAttribute("title");
    };
    const onFocus = ({ target }: FocusEvent) => {
      if (!isMoving || !(target instanceof HTMLElement) || !target.matches(":focus-visible")) return;
      if (target.dataset.tip) show(() => target, null, 0);
      else showName();
    };
    /** The name of the row that the keyboard has moved to; the page shows it there by the next frame at the latest. */
    const showName = () =>
      show(() => focusedPart()?.querySelector<HTMLElement>("[data-cut]") ?? null, null, DELAY_MILLIS);
    const onKey = ({ key, target }: KeyboardEvent) => {
      isMoving = MOVES.test(key);
      if (isMoving && target instanceof Element && target.hasAttribute("aria-activedescendant")) showName();
    };
    document.addEventListener("pointerover", onOver);
    document.addEventListener("focusin", onFocus);
    const ends = ["focusout", "pointerdown", "keydown", "wheel"] as const;
    for (const name of ends) document.addEventListener(name, hide, { capture: true, passive: true });
    // behind what hides
    document.addEventListener("keydown", onKey, true);
    // the pointer may have come before this file did
    onOver({ target: [...document.querySelectorAll(":hover")].at(-1) ?? null });
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
