/** A run without console output: why that may be, and what changes it. */

import { Link } from "@tanstack/react-router";
import type { Run } from "@/api/types";
import { EmptyState } from "@/ui/signs/empty-state";

export function NoLogs({ state }: { state: Run["state"] }) {
  const isOpen = state === "running" || state === "pending" || state === "preempting";
  return (
    <section className="logs none" aria-label="Logs">
      <EmptyState
        icon="terminal"
        title={isOpen ? "Nothing printed yet" : "No console output"}
        action={
          <Link to="/docs/$document" params={{ document: "console" }} className="btn">
            About console output
          </Link>
        }
      >
        {isOpen
          ? "Lines appear here as soon as the script prints them, a second or so later."
          : "The script printed nothing, or its lines have not been sent: weft sync sends what is left on its machine."}{" "}
        With <span className="mono">console="off"</span> or <span className="mono">WEFT_CONSOLE=off</span>{" "}
        nothing is recorded.
      </EmptyState>
    </section>
  );
}
