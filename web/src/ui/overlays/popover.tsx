/** A small window at its button: for what has fields, where a menu has only items. */

import { Popover as MantinePopover } from "@mantine/core";
import {
  cloneElement,
  createContext,
  type ReactElement,
  type ReactNode,
  type RefObject,
  Suspense,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { EarlyKeys, type EarlyText } from "../keys/early-keys";
import { TEXT_FIELDS } from "../keys/page-keys";
import { useFirstOpen } from "./use-first-open";
import { useOutsideClick } from "./use-outside-click";

/** Whether one is in a popover: a menu there opens inside it, as a click elsewhere would close both. */
export const InPopover = createContext(false);

const NOT_TYPED: EarlyText = { text: "", isEntered: false };

interface PopoverProps {
  /** The button that opens it; a click on it is handled here. */
  readonly target: ReactElement<{ onClick?: () => void; "aria-expanded"?: boolean }>;
  readonly label: string;
  /** May be code that is loaded only now. */
  readonly children: ReactNode | ((close: () => void) => ReactNode);
  /** Its first text field takes the focus, wherever it stands. */
  readonly isForTyping?: boolean;
  readonly width?: number;
  readonly position?: "bottom-start" | "bottom-end" | "right-start" | "top-start";
  /** With `onOpen`: the page holds whether it is open. */
  readonly isOpen?: boolean;
  onOpen?(isOpen: boolean): void;
}

export function Popover(props: PopoverProps) {
  const { target, label, children, width, position = "bottom-start", isForTyping = false, isOpen } = props;
  const { onOpen } = props;
  const [isOwnOpen, setOwnOpen] = useState(false);
  const isShown = isOpen ?? isOwnOpen;
  const { isMounted, isOpened } = useFirstOpen(isShown);
  useOutsideClick(isOpened);
  const typed = useRef<EarlyText>(NOT_TYPED);
  const set = (next: boolean) => {
    setOwnOpen(next);
    onOpen?.(next);
  };
  return (
    <MantinePopover
      opened={isOpened}
      onChange={set}
      position={position}
      width={width}
      trapFocus
      returnFocus
      // here and not there: Escape first closes what is open inside
      closeOnEscape={false}
      shadow="none"
    >
      <MantinePopover.Target>
        {cloneElement(target, { onClick: () => set(!isShown), "aria-expanded": isShown })}
      </MantinePopover.Target>
      {isMounted && (
        <MantinePopover.Dropdown
          aria-label={label}
          className="pop-body"
          onKeyDown={(event) => {
            const isInner = (event.target as Element).closest("[role=menu]") !== null;
            if (event.key !== "Escape" || isInner) return;
            // nor does it close what the window stands in
            event.preventDefault();
            set(false);
          }}
        >
          <InPopover value>
            <Suspense
              fallback={
                <div className="pop-wait">
                  {isForTyping && <EarlyKeys typed={typed} onClose={() => set(false)} />}
                </div>
              }
            >
              <Focused isForTyping={isForTyping} typedBefore={typed}>
                {typeof children === "function" ? children(() => set(false)) : children}
              </Focused>
            </Suspense>
          </InPopover>
        </MantinePopover.Dropdown>
      )}
    </MantinePopover>
  );
}

interface FocusedProps {
  readonly isForTyping: boolean;
  readonly typedBefore: RefObject<EarlyText>;
  readonly children: ReactNode;
}

/**
 * Gives the focus to what asks for it once it is there (Mantine looks only when the window opens), and again when
 * what had it goes: else keys would reach the page, and Escape would not close the window.
 */
function Focused({ isForTyping, typedBefore, children }: FocusedProps) {
  const content = useRef<HTMLDivElement>(null);
  // as it was when the window opened: what is typed since keeps the focus
  const [isForTypingFirst] = useState(isForTyping);
  useLayoutEffect(() => {
    const asks = content.current?.querySelector<HTMLElement>("[data-autofocus]");
    const field = isForTypingFirst ? content.current?.querySelector<HTMLElement>(TEXT_FIELDS) : null;
    const first = field ?? asks;
    if (!first) return;
    // for Mantine, which may come only now and takes the first that asks, or the first button
    asks?.removeAttribute("data-autofocus");
    first.setAttribute("data-autofocus", "");
    first.focus({ preventScroll: true });
    if (first instanceof HTMLInputElement) typeInto(first, typedBefore.current.text);
    typedBefore.current = NOT_TYPED;
  }, [isForTypingFirst, typedBefore]);
  useEffect(() => {
    const all = content.current;
    if (!all) return;
    let held: Element | null = null;
    const hold = ({ target }: FocusEvent) => {
      held = target as Element;
    };
    const seen = new MutationObserver(() => {
      if (!held || (held.isConnected && !held.matches(":disabled"))) return;
      const isLost = document.activeElement === document.body || document.activeElement === held;
      held = null;
      const next =
        all.querySelector<HTMLElement>("[data-autofocus]") ?? all.closest<HTMLElement>("[role=dialog]");
      if (isLost) next?.focus({ preventScroll: true });
    });
    all.addEventListener("focusin", hold);
    seen.observe(all, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"] });
    return () => {
      all.removeEventListener("focusin", hold);
      seen.disconnect();
    };
  }, []);
  return (
    <div className="pop-content" ref={content}>
      {children}
    </div>
  );
}

/** Sets the field's text as a user does: React ignores a value that is set past its own property. */
function typeInto(field: HTMLInputElement, text: string) {
  if (text === "") return;
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(field, text);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
