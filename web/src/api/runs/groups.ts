/** Runs in groups by the values of columns, with figures of each group. */

import { queryOptions } from "@tanstack/react-query";
import { groupId, type Order } from "@/data/view/view";
import { jsonBody, projectPath, requestJson } from "../client";
import type { ProjectRef, Schemas } from "../types";
import { type RunSet, setBody } from "./run-requests";
import { runsKey } from "./run-rows";

/** One figure of each group, from one column of its runs. */
export type Aggregate = Schemas["Aggregate"];

export interface RunGroup {
  /** Of the columns grouped by, down to its level. */
  readonly values: readonly unknown[];
  readonly nRuns: number;
  /** By `mean(summary.loss)`; null: no run has a number, or any value. */
  readonly figures: Readonly<Record<string, unknown>>;
}

export interface GroupsRequest extends RunSet {
  readonly by: readonly string[];
  readonly aggregates: readonly Aggregate[];
  /** Each a column of `by`, `n_runs`, or an aggregate that is asked for as `mean(summary.loss)`. */
  readonly groupOrder: readonly Order[];
}

export interface GroupsPage {
  readonly groups: readonly RunGroup[];
  /** Of this level, also those that are not listed. */
  readonly total: number;
}

/** Name of an aggregate in `figures`, and in an order. */
export function figureName({ function: name, column }: Aggregate): string {
  return `${name}(${column})`;
}

/** Groups of one level: the outermost, or those inside the group with the values `under`. */
export function groupsQuery(
  ref: ProjectRef,
  request: GroupsRequest,
  under: readonly unknown[],
  limit: number,
) {
  const { filter, search, isRegex, by, aggregates, groupOrder } = request;
  return queryOptions({
    queryKey: [
      ...runsKey(ref),
      "groups",
      { filter, search, isRegex, by, aggregates, groupOrder },
      under,
      limit,
    ] as const,
    queryFn: async ({ signal }): Promise<GroupsPage> => {
      const body = { ...setBody(request), by, under, aggregates, order: groupOrder, limit };
      const answer = await requestJson<Schemas["GroupList"]>(`${projectPath(ref)}/runs/groups`, {
        ...jsonBody<"GroupQuery">("POST", body),
        signal,
      });
      return {
        total: answer.total,
        groups: answer.groups.map(({ values, n_runs, aggregates: figures }) => ({
          values,
          nRuns: n_runs,
          figures: Object.fromEntries(aggregates.map((aggregate, i) => [figureName(aggregate), figures[i]])),
        })),
      };
    },
  });
}

/** The values of the innermost groups, as far as there are `limit` on each level. */
export function innermostQuery(ref: ProjectRef, request: GroupsRequest, limit: number) {
  const { filter, search, isRegex, by } = request;
  return queryOptions({
    queryKey: [...runsKey(ref), "innermost", { filter, search, isRegex, by }, limit] as const,
    queryFn: async ({ signal }): Promise<readonly (readonly unknown[])[]> => {
      const body = { ...setBody(request), by, levels: by.length, limit };
      const answer = await requestJson<Schemas["GroupList"]>(`${projectPath(ref)}/runs/groups`, {
        ...jsonBody<"GroupQuery">("POST", body),
        signal,
      });
      return innermostOf(answer.groups);
    },
  });
}

/** Groups on each level that have a colour of their own: of more, a chart can't tell any apart. */
const COLORED_GROUPS = 100;
const AGE: Aggregate = { function: "min", column: "created" };

/**
 * The ids of a project's innermost groups, whatever is listed, by the age of their oldest runs: a group that is new comes last. As
 * far as there are 100 on each level.
 */
export function groupsByAgeQuery(ref: ProjectRef, by: readonly string[]) {
  return queryOptions({
    queryKey: [...runsKey(ref), "by age", by] as const,
    queryFn: async ({ signal }): Promise<readonly string[]> => {
      const order = [{ column: figureName(AGE), descending: false }];
      const body = { by, levels: by.length, aggregates: [AGE], order, limit: COLORED_GROUPS };
      const answer = await requestJson<Schemas["GroupList"]>(`${projectPath(ref)}/runs/groups`, {
        ...jsonBody<"GroupQuery">("POST", body),
        signal,
      });
      const ageOf = ({ aggregates: [age] }: Schemas["Group"]) => Number(age ?? 0);
      // the server sorts the groups inside each outer group only
      const leaves = leavesOf(answer.groups).sort((a, b) => ageOf(a) - ageOf(b));
      return leaves.map(({ values }) => groupId(values));
    },
  });
}

function innermostOf(groups: readonly Schemas["Group"][]): (readonly unknown[])[] {
  return leavesOf(groups).map(({ values }) => values);
}

function leavesOf(groups: readonly Schemas["Group"][]): Schemas["Group"][] {
  return groups.flatMap((group) => (group.groups ? leavesOf(group.groups) : [group]));
}

export interface ColumnValue {
  readonly value: unknown;
  readonly nRuns: number;
}

/** The values that runs have in a column, the most frequent first. */
export function columnValuesQuery(ref: ProjectRef, column: string, set: RunSet, limit = 50) {
  const request: GroupsRequest = {
    ...set,
    by: [column],
    aggregates: [],
    groupOrder: [{ column: "n_runs", descending: true }],
  };
  return queryOptions({
    ...groupsQuery(ref, request, [], limit),
    select: (page): readonly ColumnValue[] =>
      page.groups.map(({ values, nRuns }) => ({ value: values[0], nRuns })),
  });
}
