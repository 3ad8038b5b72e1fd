/**
 * Renders a part of the app as its page does, and gives a person who types and clicks.
 */

import { render as renderBare } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import type { ReactNode } from "react";
import { UiProvider } from "@/ui/ui-provider";

/** A control alone: no server, no address. */
export function renderControl(control: ReactNode): { user: UserEvent; show(next: ReactNode): void } {
  const user = userEvent.setup();
  const { rerender } = renderBare(<UiProvider>{control}</UiProvider>);
  return { user, show: (next) => rerender(<UiProvider>{next}</UiProvider>) };
}
