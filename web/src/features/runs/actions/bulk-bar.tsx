/** The bar over a list of runs while some are selected: what can be done with them. */

import { lazy, Suspense } from "react";
import { useNumberHidden } from "../rows/hidden-selection";
import type { BulkBarProps } from "./bulk-tools";
import { useSelectedIds } from "./run-selection";

const BulkTools = lazy(() => import("./bulk-tools"));

export function BulkBar(props: BulkBarProps) {
  const selected = useSelectedIds(props.project);
  const nHidden = useNumberHidden(props.project, props.runs);
  if (selected.size === 0) return null;
  return (
    <Suspense>
      <BulkTools {...props} ids={[...selected]} nHidden={nHidden} />
    </Suspense>
  );
}
