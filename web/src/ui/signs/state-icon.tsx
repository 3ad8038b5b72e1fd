/**
 * A run's state as shape and colour: ring with dot, check, cross, square or bars, triangle, dashes. None moves: a hundred
 * turning rings have a browser without a GPU compose the page for most of a core.
 */

import type { ReactNode } from "react";

const SHAPES: Record<string, ReactNode> = {
  running: (
    <>
      <circle cx="8" cy="8" r="5.6" />
      <circle cx="8" cy="8" r="2.4" fill="currentColor" stroke="none" />
    </>
  ),
  finished: (
    <>
      <circle cx="8" cy="8" r="5.6" />
      <path d="M5.6 8.2l1.7 1.7 3.2-3.6" />
    </>
  ),
  failed: (
    <>
      <circle cx="8" cy="8" r="5.6" />
      <path d="M6.1 6.1l3.8 3.8M9.9 6.1L6.1 9.9" />
    </>
  ),
  crashed: <path d="M8 2.6l6 10.6H2zM8 6.6v3M8 11.3h.01" />,
  killed: (
    <>
      <circle cx="8" cy="8" r="5.6" />
      <path d="M6.2 6.2h3.6v3.6H6.2z" fill="currentColor" stroke="none" />
    </>
  ),
  preempted: (
    <>
      <circle cx="8" cy="8" r="5.6" />
      <path d="M6.7 6v4M9.3 6v4" />
    </>
  ),
  pending: <circle cx="8" cy="8" r="5.6" strokeDasharray="2 2.4" />,
};

interface StateIconProps {
  readonly state: string;
  /** Why it ended badly. */
  readonly reason?: string | null;
}

/** The icon of a run's state, with its name as tooltip and for screen readers. */
export function StateIcon({ state, reason }: StateIconProps) {
  return (
    <span
      className={`st ${state}`}
      title={reason ? `${state}: ${reason}` : state}
      role="img"
      aria-label={state}
    >
      <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
        {SHAPES[state] ?? SHAPES.preempted}
      </svg>
    </span>
  );
}
