import type { NamedRun } from "./run-actions";

/** A run and where on the page its menu or palette opens. */
export interface RunAnchor {
  readonly run: NamedRun;
  readonly left: number;
  readonly top: number;
}

/** The anchor below an element. */
export function anchorAt(run: NamedRun, element: Element): RunAnchor {
  const box = element.getBoundingClientRect();
  return { run, left: box.left, top: box.bottom };
}
