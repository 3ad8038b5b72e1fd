/**
 * Runs and groups that are seen together keep different colours, whichever page shows them first.
 */

import { useMemo } from "react";
import { isRunShown, isShownByPlace } from "@/data/shown-runs";
import { groupId } from "@/data/view/view";
import { useSpreadColors } from "@/ui/run-color";
import { useView } from "../view/view-store";
import type { Runs } from "./use-runs";

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
