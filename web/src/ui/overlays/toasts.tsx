/** Short messages at the lower right: what was done, with a way back, or what failed. */

import { useEffect, useState } from "react";
import { create } from "zustand";
import { faultText } from "@/data/text/fault-text";
import { Icon } from "../signs/icons";

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly isError: boolean;
  /** A message about the same takes its place, as it says otherwise. */
  readonly about?: string | undefined;
  readonly action?: { readonly label: string; run(): void };
}

/** Time a message stays unless the pointer or the focus is on it. */
const SHOW_MILLIS = 10_000;
let lastId = 0;

const useToasts = create<{ toasts: readonly Toast[] }>(() => ({ toasts: [] }));

function dismiss(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((t) => t.id !== id) }));
}

function show(toast: Omit<Toast, "id">): void {
  lastId += 1;
  const shown = { ...toast, id: lastId };
  useToasts.setState(({ toasts }) => {
    const others = toasts.filter(({ about }) => about === undefined || about !== toast.about);
    return { toasts: [...others.slice(-2), shown] };
  });
}

/** Tell that something was done; `action` is its way back, `about` the thing of which it tells. */
export function showDone(text: string, action?: Toast["action"], about?: string): void {
  show({ text, isError: false, action, about });
}

/** Take away the message whose way back was gone elsewhere: by the keyboard. */
export function dismissActed(run: () => void): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter(({ action }) => action?.run !== run) }));
}

/** Tell that something failed, and why. */
export function showFailed(summary: string, error: unknown): void {
  show({ text: `${summary}: ${faultText(error)}`, isError: true });
}

/** Do something, and tell if it fails. */
export async function attempt(failure: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    showFailed(failure, error);
  }
}

/** Where the messages appear; once per page. */
export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {toasts.map((toast) => (
        <ToastLine key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

/** One message. It stays while the pointer or the focus is on it. */
function ToastLine({ toast: { id, text, isError, action } }: { toast: Toast }) {
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => dismiss(id), SHOW_MILLIS);
    return () => clearTimeout(timer);
  }, [id, isHeld]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: being there is no act, it holds the time
    <div
      className={`toast ${isError ? "error" : ""}`}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon name={isError ? "warn" : "check"} isSmall />
      <span>{text}</span>
      {action && (
        <button
          type="button"
          className="btn q sm act"
          onClick={() => {
            action.run();
            dismiss(id);
          }}
        >
          {action.label}
        </button>
      )}
      <button type="button" className="btn q sm ico" aria-label="Close" onClick={() => dismiss(id)}>
        <Icon name="x" isSmall />
      </button>
    </div>
  );
}
