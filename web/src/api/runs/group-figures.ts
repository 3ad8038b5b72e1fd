/**
 * Figures for the runs table: of groups how many runs of each state, and mean, spread and range of columns;
 * of all runs the range of columns and how long they ran.
 */

import { queryOptions } from "@tanstack/react-query";
import type { ValueCounts } from "@/data/table/cell-format";
import { jsonBody, projectPath, requestJson } from "../client";
import type { ProjectRef, Schemas } from "../types";
import { type RunSet, setBody } from "./run-requests";
import { runsKey } from "./run-rows";

const FUNCTIONS = ["mean", "std", "min", "max"] as const;
const CACHE_MILLIS = 20_000;

/** Over the runs that have a number. */
export interface Figures {
  readonly mean: number | null;
  /** With n - 1; null for a single one. */
  readonly std: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

export interface GroupFigures {
  /** Runs by state. */
  readonly states: ReadonlyMap<string, number>;
  readonly figures: ReadonlyMap<string, Figures>;
  /** Different values of columns of texts, and of those in which none of its runs has a number. */
  readonly texts: ReadonlyMap<string, ValueCounts>;
  /** The mean of its runs, seconds; null where none has begun. */
  readonly meanRuntimeSecs: number | null;
}

export interface FiguresRequest extends RunSet {
  readonly by: readonly string[];
  /** Of numbers. */
  readonly columns: readonly string[];
  /** Columns of which the different values are asked. */
  readonly texts: readonly string[];
}

type Group = Schemas["Group"];

async function askGroups(
  ref: ProjectRef,
  body: Schemas["GroupQuery"],
  signal: AbortSignal,
): Promise<readonly Group[]> {
  const path = `${projectPath(ref)}/runs/groups`;
  return (await requestJson<Schemas["GroupList"]>(path, { ...jsonBody<"GroupQuery">("POST", body), signal }))
    .groups;
}

/** Figures of the groups inside `under`, by the text of their values. */
export function groupFiguresQuery(
  ref: ProjectRef,
  request: FiguresRequest,
  under: readonly unknown[],
  limit: number,
) {
  const { filter, search, isRegex, by, columns, texts } = request;
  return queryOptions({
    queryKey: [
      ...runsKey(ref),
      "figures",
      { filter, search, isRegex, by, columns, texts },
      under,
      limit,
    ] as const,
    queryFn: async ({ signal }): Promise<ReadonlyMap<string, GroupFigures>> => {
      const level = by.slice(0, under.length + 1);
      const hasStates = !level.includes("state");
      const askValues = (of: readonly string[]) =>
        of.length === 0
          ? []
          : askGroups(
              ref,
              {
                ...setBody(request),
                by: level,
                under,
                aggregates: of.map((column) => ({ column, function: "values" })),
                limit,
              },
              signal,
            );
      const [counted, measured, named] = await Promise.all([
        askGroups(
          ref,
          {
            ...setBody(request),
            by: hasStates ? [...level, "state"] : level,
            under,
            levels: hasStates ? 2 : 1,
            aggregates: [{ column: "runtime", function: "mean" }],
            limit,
          },
          signal,
        ),
        askGroups(
          ref,
          {
            ...setBody(request),
            by: level,
            under,
            aggregates: columns.flatMap((column) => FUNCTIONS.map((name) => ({ column, function: name }))),
            limit,
          },
          signal,
        ),
        askValues(texts),
      ]);
      const figures = new Map(
        measured.map((group) => [JSON.stringify(group.values), readFigures(group, columns)]),
      );
      // no number need not be no value: NaN is one, and so is a text
      const withoutMean = columns.filter((_, c) =>
        measured.some(({ aggregates }) => aggregates[c * FUNCTIONS.length] === null),
      );
      const others = new Map(
        (await askValues(withoutMean)).map((group) => [
          JSON.stringify(group.values),
          readValues(group, withoutMean),
        ]),
      );
      const valuesOf = new Map(
        named.map((group) => [JSON.stringify(group.values), readValues(group, texts)]),
      );
      const textsOf = (id: string) => {
        const isWithoutMean = ([column]: readonly [string, ValueCounts]) =>
          figures.get(id)?.get(column)?.mean === null;
        return new Map([...[...(others.get(id) ?? [])].filter(isWithoutMean), ...(valuesOf.get(id) ?? [])]);
      };
      return new Map(
        counted.map((group) => {
          const id = JSON.stringify(group.values);
          const states = hasStates
            ? (group.groups ?? []).map((inner) => [String(inner.values.at(-1)), inner.n_runs] as const)
            : [[String(group.values[level.indexOf("state")]), group.n_runs] as const];
          return [
            id,
            {
              states: new Map(states),
              figures: figures.get(id) ?? new Map<string, Figures>(),
              texts: textsOf(id),
              meanRuntimeSecs: group.aggregates[0] as number | null,
            },
          ];
        }),
      );
    },
    gcTime: CACHE_MILLIS,
  });
}

function readFigures(group: Group, columns: readonly string[]): ReadonlyMap<string, Figures> {
  const at = (c: number, f: number) =>
    (group.aggregates[c * FUNCTIONS.length + f] as number | null | undefined) ?? null;
  return new Map(
    columns.map((column, c) => [column, { mean: at(c, 0), std: at(c, 1), min: at(c, 2), max: at(c, 3) }]),
  );
}

function readValues(group: Group, texts: readonly string[]): ReadonlyMap<string, ValueCounts> {
  return new Map(
    texts.flatMap((column, i) => {
      const counts = group.aggregates[i] as ValueCounts | null;
      return counts ? [[column, counts] as const] : [];
    }),
  );
}

export interface AllFigures {
  readonly states: ReadonlyMap<string, number>;
  readonly runtimeSecs: number;
  /** Smallest and largest finite number, by column. */
  readonly extents: ReadonlyMap<string, { readonly min: number; readonly max: number }>;
}

export function allFiguresQuery(ref: ProjectRef, set: RunSet, columns: readonly string[]) {
  const { filter, search, isRegex } = set;
  return queryOptions({
    queryKey: [...runsKey(ref), "extents", { filter, search, isRegex }, columns] as const,
    queryFn: async ({ signal }): Promise<AllFigures> => {
      const extremes = columns.flatMap((column) => [
        { column, function: "min" } as const,
        { column, function: "max" } as const,
      ]);
      const aggregates = [{ column: "runtime", function: "mean" } as const, ...extremes];
      const groups = await askGroups(ref, { ...setBody(set), by: ["state"], aggregates }, signal);
      const extents = new Map<string, { min: number; max: number }>();
      columns.forEach((column, c) => {
        const ends = groups
          .flatMap((group) => group.aggregates.slice(1 + 2 * c, 3 + 2 * c))
          .filter((end): end is number => typeof end === "number");
        if (ends.length > 0) extents.set(column, { min: Math.min(...ends), max: Math.max(...ends) });
      });
      return {
        states: new Map(groups.map((group) => [String(group.values[0]), group.n_runs])),
        runtimeSecs: groups.reduce(
          (sum, group) => sum + ((group.aggregates[0] as number | null) ?? 0) * group.n_runs,
          0,
        ),
        extents,
      };
    },
    gcTime: CACHE_MILLIS,
  });
}
