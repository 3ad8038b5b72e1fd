import { useMemo } from "react";
import type { ProjectRef } from "@/api/types";
import { colorsApart, GROUP_COLORS } from "@/data/runs/color";
import { formatNoun } from "@/data/text/format";
import { useRights } from "../../use-rights";
import { useView } from "../../view/view-store";
import type { NamedRun } from "../actions/run-actions";
import type { Runs } from "../use-runs";
import { useShownRuns } from "../use-shown-runs";

const NO_COLORS: ReadonlyMap<string, number> = new Map();

/** Runs, or groups, that are shown together with one colour, and that the person may give others. */
export interface AlikeColors {
  /** For buttons and windows. */
  readonly says: string;
  readonly runs: readonly NamedRun[];
  readonly isGrouped: boolean;
  /** Other colours, by id. */
  readonly colors: ReadonlyMap<string, number>;
}

/** Null: each that is shown has a colour of its own, or there is nothing to do about it. */
export function useAlikeColors(project: ProjectRef, runs: Runs): AlikeColors | null {
  const isByRun = useView((view) => view.colorBy === null);
  const isGrouped = useView((view) => view.groupBy.length > 0);
  const { mayWrite } = useRights(project);
  const { drawn } = useShownRuns(project, runs);
  const { drawnGroups } = runs;
  return useMemo(() => {
    const colors = isGrouped
      ? colorsApart(drawnGroups, GROUP_COLORS)
      : isByRun && mayWrite
        ? colorsApart(drawn)
        : NO_COLORS;
    if (colors.size === 0) return null;
    const says = `${formatNoun(colors.size, isGrouped ? "shown group" : "shown run")} ${colors.size === 1 ? "has" : "have"} the color of another`;
    return { says, runs: drawn, isGrouped, colors };
  }, [isGrouped, isByRun, mayWrite, drawn, drawnGroups]);
}
