/** The runs that values and cards of a report name: as they are now, and as they were when it was published. */

import { type QueryClient, useQueries, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { projectPath } from "@/api/client";
import { figureQuery, figureSource, type ReportVersion, sourcedClient } from "@/api/reports/figures";
import { ALL_RUNS } from "@/api/runs/run-requests";
import { type RunRow, rowsQuery } from "@/api/runs/run-rows";
import { filterText } from "@/data/filter/tree";
import type { ReportDocument } from "@/data/report/document";
import { type References, readRunPath, referencesOf } from "@/data/report/outline";
import { type ReportFigures, valuesPart } from "./figures/figures-context";

/** Null: it is gone, or the reader may not see it; undefined: not known yet. */
export type RunOf = (path: string) => RunRow | null | undefined;

/** Rows of an answer: a report that refers to more runs of one project shows the others as unknown. */
const MOST_RUNS = 1000;

/** The runs of one project: one request. */
export function valuesQuery({ runs, columns, entity, project }: References) {
  const filter = filterText({ column: "id", op: "in", value: runs });
  return rowsQuery({ entity, project }, { ...ALL_RUNS, filter, order: [], columns }, null, 0, MOST_RUNS);
}

export function useReferences(references: readonly References[]): RunOf {
  return useRunsOf(references, useQueryClient());
}

/** The runs as they were when the version was published; all are null where nothing is stored. */
export function useStoredReferences(
  document: ReportDocument,
  version: ReportVersion | null,
  figuresOf: ReportFigures["figuresOf"],
): RunOf {
  const references = useMemo(
    () => referencesOf(document).filter((reference) => figuresOf(valuesPart(reference)).length > 0),
    [document, figuresOf],
  );
  const server = useQueryClient();
  const client = useMemo(
    () =>
      sourcedClient(async (path, init) => {
        const reference = references.find((project) => path.startsWith(`${projectPath(project)}/`))!;
        const [info] = figuresOf(valuesPart(reference));
        const figure = await server.fetchQuery(figureQuery(version!, info!.sha256));
        return figureSource([{ project: reference, figure }])(path, init);
      }),
    [references, figuresOf, server, version],
  );
  return useRunsOf(references, client);
}

function useRunsOf(references: readonly References[], client: QueryClient): RunOf {
  const answers = useQueries(
    {
      queries: references.map((reference) => ({
        ...valuesQuery(reference),
        retry: false,
      })),
      combine: (results) =>
        results.map(({ data, isError }) => (isError ? NO_ROWS : data && new Map(data.rows.map(byId)))),
    },
    client,
  );
  return useMemo(() => {
    const byProject = new Map<string, (typeof answers)[number]>(
      references.map(({ entity, project }, i) => [`${entity}/${project}`, answers[i]] as const),
    );
    return (path) => {
      const of = readRunPath(path);
      const name = of && `${of.entity}/${of.project}`;
      if (!of || !name || !byProject.has(name)) return null;
      const runs = byProject.get(name);
      return runs && (runs.get(of.run) ?? null);
    };
  }, [references, answers]);
}

const NO_ROWS: ReadonlyMap<string, RunRow> = new Map();

function byId(row: RunRow): [string, RunRow] {
  return [row.id, row];
}
