/** The report that blocks are drawn in: its project, its page, its headings, the runs that it refers to. */

import { useQueries } from "@tanstack/react-query";
import { createContext, useContext, useMemo } from "react";
import { type RunRow, rowsQuery } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { filterText } from "@/data/filter/tree";
import type { ReportDocument } from "@/data/report/document";
import { type OutlineEntry, readRunPath, referencesOf } from "@/data/report/outline";

export interface ReportFrame {
  readonly project: ProjectRef;
  /** The element that full screen covers; null before it is there. */
  readonly page: HTMLElement | null;
  readonly outline: readonly OutlineEntry[];
  /** By path; null: it is gone, or the reader may not see it; undefined: not known yet. */
  runOf(path: string): RunRow | null | undefined;
}

export const ReportContext = createContext<ReportFrame | null>(null);

export function useReport(): ReportFrame {
  const report = useContext(ReportContext);
  if (!report) throw new Error("blocks need a report around them");
  return report;
}

/** Rows of an answer: a report that refers to more runs of one project shows the others as unknown. */
const MOST_RUNS = 1000;

/** The runs of cards and live values: one request for each project. */
export function useReferences(document: ReportDocument): ReportFrame["runOf"] {
  const references = useMemo(() => referencesOf(document), [document]);
  const answers = useQueries({
    queries: references.map(({ runs, columns, ...project }) => ({
      ...rowsQuery(
        project,
        {
          filter: filterText({ column: "id", op: "in", value: runs }),
          search: "",
          isRegex: false,
          order: [],
          columns,
        },
        null,
        0,
        MOST_RUNS,
      ),
      retry: false,
    })),
    combine: (results) =>
      results.map(({ data, isError }) => (isError ? NO_ROWS : data && new Map(data.rows.map(byId)))),
  });
  return useMemo(() => {
    const byProject = new Map(
      references.map(({ entity, project }, i) => [`${entity}/${project}`, answers[i]]),
    );
    return (path) => {
      const of = readRunPath(path);
      if (!of) return null;
      const runs = byProject.get(`${of.entity}/${of.project}`);
      return runs && (runs.get(of.run) ?? null);
    };
  }, [references, answers]);
}

const NO_ROWS: ReadonlyMap<string, RunRow> = new Map();

function byId(row: RunRow): [string, RunRow] {
  return [row.id, row];
}
