/**
 * Short messages at the lower right: what was done, with a way back, or what failed.
 */

import { create } from "zustand";
import { Icon } from "./icons";

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly isError: boolean;
  readonly action?: { readonly label: string; run(): void };
}

const SHOW_MILLIS = 10_000;
let lastId = 0;

const useToasts = create<{ toasts: readonly Toast[] }>(() => ({ toasts: [] }));

function dismiss(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((t) => t.id !== id) }));
}

function show(toast: Omit<Toast, "id">): void {
  lastId += 1;
  const id = lastId;
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts.slice(-2), { ...toast, id }] }));
  setTimeout(() => dismiss(id), SHOW_MILLIS);
}

/** Tell that something was done; `action` is its way back. */
export function showDone(text: string, action?: Toast["action"]): void {
  show({ text, isError: false, action });
}

/** Tell that something failed, and why. */
export function showFailed(what: string, error: unknown): void {
  show({ text: `${what}: ${error instanceof Error ? error.message : String(error)}`, isError: true });
}

/** Where the messages appear; once per page. */
export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {toasts.map(({ id, text, isError, action }) => (
        <div key={id} className={`toast ${isError ? "error" : ""}`}>
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
      ))}
    </div>
  );
}
