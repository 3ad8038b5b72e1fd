import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { type GroupFigures, groupFiguresQuery } from "@/api/runs/group-figures";
import type { ProjectRef } from "@/api/types";
import type { Span } from "@/data/table/window";
import type { Runs } from "../runs/use-runs";
import type { ColumnLook } from "./grid/value-cell";
import { stretchesOf } from "./use-table-cells";

const GROUPS_AT_MOST = 500;

function figuresOf(results: readonly { readonly data?: ReadonlyMap<string, GroupFigures> }[]) {
  return results.map(({ data }) => data);
}

/** Shown in other ways. */
const OF_THEIR_OWN = new Set(["name", "state", "runtime"]);

function idsOf(looks: readonly ColumnLook[]): string[] {
  return looks.map((look) => look.column.id);
}

function joined(first: GroupFigures, other: GroupFigures): GroupFigures {
  return {
    ...other,
    figures: new Map([...first.figures, ...other.figures]),
    texts: new Map([...first.texts, ...other.texts]),
  };
}

/** Figures by the id of the group. */
export function useGroupFigures(
  project: ProjectRef,
  runs: Runs,
  rows: Span,
  looks: readonly ColumnLook[],
  nPinned: number,
  columns: Span,
): ReadonlyMap<string, GroupFigures> {
  const isGrouped = runs.request.by.length > 0;
  const levels = new Map<string, readonly unknown[]>();
  if (isGrouped) {
    for (let i = rows.first; i < rows.end; i++) {
      const row = runs.rowAt(i);
      if (row?.kind !== "group") continue;
      const under = row.group.values.slice(0, -1);
      levels.set(JSON.stringify(under), under);
    }
  }
  const ranges = useMemo(() => {
    const requestOf = (shownLooks: readonly ColumnLook[]) => ({
      columns: idsOf(shownLooks.filter(({ column }) => column.isNumeric && !OF_THEIR_OWN.has(column.id))),
      texts: idsOf(shownLooks.filter(({ column }) => !column.isNumeric && !OF_THEIR_OWN.has(column.id))),
    });
    const scrolled = looks.slice(nPinned);
    return stretchesOf(
      scrolled.map((look) => look.column.id),
      columns,
    )
      .map((range) => requestOf(scrolled.filter((look) => range.includes(look.column.id))))
      .concat([requestOf(looks.slice(0, nPinned))]);
  }, [looks, nPinned, columns]);
  const { filter, search, isRegex, by } = runs.request;
  const answers = useQueries({
    queries: [...levels.values()].flatMap((under) =>
      ranges.map((range) =>
        groupFiguresQuery(project, { filter, search, isRegex, by, ...range }, under, GROUPS_AT_MOST),
      ),
    ),
    combine: figuresOf,
  });
  return useMemo(() => {
    const byGroup = new Map<string, GroupFigures>();
    for (const answer of answers)
      for (const [id, figures] of answer ?? []) {
        const earlier = byGroup.get(id);
        byGroup.set(id, earlier ? joined(earlier, figures) : figures);
      }
    return byGroup;
  }, [answers]);
}
