/**
 * Runs and groups that the table shows keep different colours, also where it is the first page that shows them.
 */

import { useMemo } from "react";
import { isRunShown, isShownByPlace } from "@/data/shown-runs";
import { groupId } from "@/data/view/view";
import { useSpreadColors } from "@/ui/run-color";
import type { Runs } from "../runs/use-runs";
import { useView } from "../view/view-store";

export function useSeenColors({ groups, first }: Pick<Runs, "groups" | "first">): void {
  const selection = useView((view) => view.selection);
  const ids = useMemo(
    () =>
      groups.length > 0
        ? groups.map(({ values }) => groupId(values))
        : first
            .filter(({ id }, i) => isRunShown(selection, id, isShownByPlace(selection, i)))
            .map(({ id }) => id),
    [groups, first, selection],
  );
  useSpreadColors(ids);
}
