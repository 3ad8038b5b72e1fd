import type { RunGroup } from "@/api/runs/groups";

/** A group, how many runs it has where that is known, and where on the page its menu opens. */
export interface GroupAnchor {
  readonly group: Pick<RunGroup, "values"> & { readonly nRuns: number | null };
  readonly left: number;
  readonly top: number;
}

/** The anchor below an element. */
export function groupAnchorAt(group: RunGroup, element: Element): GroupAnchor {
  const { left, bottom } = element.getBoundingClientRect();
  return { group, left, top: bottom };
}
