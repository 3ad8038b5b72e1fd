import { useEffect } from "react";
import type { ProjectRef } from "@/api/types";
import type { Span } from "@/data/table/window";
import { useSelectedInGroups } from "../../runs/rows/use-selected-in-groups";
import type { Runs } from "../../runs/use-runs";

interface SelectedInGroupsProps {
  readonly project: ProjectRef;
  readonly runs: Runs;
  readonly selected: ReadonlySet<string>;
  /** Those in sight. */
  readonly rows: Span;
  onCounts(counts: ReadonlyMap<string, number>): void;
}

/** Tells how many runs of each group are selected. No part of the first scripts: at first none are. */
export default function SelectedInGroups({ onCounts, ...of }: SelectedInGroupsProps) {
  const counts = useSelectedInGroups(of.project, of.runs, of.selected, of.rows);
  useEffect(() => onCounts(counts), [onCounts, counts]);
  return null;
}
