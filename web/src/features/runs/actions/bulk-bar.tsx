/**
 * The bar over a list of runs while some are selected: what can be done with them.
 */

import { lazy, Suspense } from "react";
import type { ProjectRef } from "@/api/types";
import { useSelectedIds } from "./run-selection";

const BulkTools = lazy(() => import("./bulk-tools"));

export interface BulkBarProps {
  readonly project: ProjectRef;
  /** Runs that the list has; with it the box at the left selects all of them. */
  readonly total: number;
  onSelectAll(): void;
}

export function BulkBar(props: BulkBarProps) {
  const selected = useSelectedIds(props.project);
  if (selected.size === 0) return null;
  return (
    <Suspense>
      <BulkTools {...props} ids={[...selected]} />
    </Suspense>
  );
}
