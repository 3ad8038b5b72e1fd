/**
 * The groups of a list of runs, level by level as they are opened, and the sequence of rows that they make.
 */

import { useQueries } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { type GroupsPage, groupsQuery, type RunGroup } from "@/api/runs/groups";
import type { ProjectRef } from "@/api/types";
import { groupedRows, plainRows, type RowSequence } from "@/data/runs/run-rows";
import { useStable } from "@/ui/hooks/use-stable";
import type { RunsRequest } from "./runs-request";
import type { ListHead } from "./use-list-head";

/** More groups of one level are listed when they are asked for. */
const GROUPS_AT_FIRST = 500;
/** The server gives no more at once. */
const GROUPS_AT_MOST = 10_000;
/** More outer groups than these are a list to choose from: each that is open is a question of its own. */
const OPEN_AT_FIRST = 12;

const NO_GROUPS: readonly RunGroup[] = [];
const NO_OPEN: readonly string[] = [];

export interface GroupLimits {
  /** The number of groups that are listed inside one. */
  limitOf(under: readonly unknown[]): number;
  /** List more groups of a level. Stable. */
  showMore(under: readonly unknown[]): void;
}

export function useGroupLimits(): GroupLimits {
  const [limits, setLimits] = useState<Readonly<Record<string, number>>>({});
  const limitOf = (under: readonly unknown[]) => limits[JSON.stringify(under)] ?? GROUPS_AT_FIRST;
  const showMore = useStable((under: readonly unknown[]) => {
    const limit = Math.min(GROUPS_AT_MOST, limitOf(under) * 4);
    setLimits((before) => ({ ...before, [JSON.stringify(under)]: limit }));
  });
  return { limitOf, showMore };
}

export interface Groups {
  /** Rows in the order of the server: groups with what is open in them, or runs. */
  readonly sequence: RowSequence<RunGroup>;
  /** Groups that are open until one is opened or closed. */
  readonly openAtFirst: readonly string[];
  /** Outermost groups, as far as they are listed; none without groups. */
  readonly groups: readonly RunGroup[];
  /** Groups of all levels as far as they are listed, those inside one in the order of the list. */
  readonly listedGroups: readonly RunGroup[];
  readonly nGroups: number;
}

/** @param chosenOpen null: those that are open at first */
export function useGroups(
  project: ProjectRef,
  request: RunsRequest,
  head: ListHead["data"],
  total: number,
  chosenOpen: readonly string[] | null,
  limitOf: GroupLimits["limitOf"],
): Groups {
  const openAtFirst = useStableIds(openAtFirstOf(head, request.by.length));
  const openGroups = chosenOpen ?? openAtFirst;
  const inner = useMemo(() => openLevels(openGroups, request.by.length), [openGroups, request]);
  const levels = useQueries({
    queries: inner.map((under) => groupsQuery(project, request, under, limitOf(under))),
    combine: groupsOfResults,
  });
  const outermost = head && "groups" in head ? head : null;
  const nPlain = head && !outermost ? total : 0;
  const sequence = useMemo(() => {
    if (!outermost) return plainRows<RunGroup>(nPlain);
    const pagesByGroup = new Map<string, GroupsPage | undefined>([["[]", outermost]]);
    inner.forEach((under, i) => {
      pagesByGroup.set(JSON.stringify(under), levels[i]);
    });
    const open = new Set(openGroups);
    return groupedRows<RunGroup>(
      request.by.length,
      (under) => pagesByGroup.get(JSON.stringify(under)),
      (values) => open.has(JSON.stringify(values)),
    );
  }, [request, outermost, nPlain, inner, levels, openGroups]);
  const groups = outermost?.groups ?? NO_GROUPS;
  const listedGroups = useMemo(
    () => [...groups, ...levels.flatMap((level) => level?.groups ?? NO_GROUPS)],
    [groups, levels],
  );
  return { sequence, openAtFirst, groups, listedGroups, nGroups: outermost?.total ?? 0 };
}

function groupsOfResults(results: readonly { readonly data?: GroupsPage }[]) {
  return results.map(({ data }) => data);
}

/** The outermost groups, where they hold groups: by themselves they say little. */
function openAtFirstOf(head: ListHead["data"], nLevels: number): readonly string[] {
  if (nLevels < 2 || !head || !("groups" in head)) return NO_OPEN;
  return head.groups.slice(0, OPEN_AT_FIRST).map(({ values }) => JSON.stringify(values));
}

/** The same list until other ids are in it. */
function useStableIds(ids: readonly string[]): readonly string[] {
  const text = ids.join("\n");
  return useMemo(() => (text === "" ? NO_OPEN : text.split("\n")), [text]);
}

/** Open groups that have groups in them, where all around them are open, too. */
function openLevels(openGroups: readonly string[], nLevels: number): readonly (readonly unknown[])[] {
  const open = new Set(openGroups);
  return openGroups
    .map((id) => JSON.parse(id) as unknown[])
    .filter(
      (values) =>
        values.length < nLevels &&
        values.every((_, i) => i === 0 || open.has(JSON.stringify(values.slice(0, i)))),
    );
}
