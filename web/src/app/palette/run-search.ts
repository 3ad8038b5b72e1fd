/** The runs that the command palette finds, in the project of the page and in others. */

import { useQueries, useQuery } from "@tanstack/react-query";
import { findRunsQuery } from "@/api/find";
import type { Project, ProjectRef } from "@/api/types";

const RUNS = 12;
/** Of them, of the project on the page where others have some, too. */
const RUNS_HERE = 6;
/** Other projects that runs are looked for in: the last active ones. */
const PROJECTS_SEARCHED = 6;
const NOWHERE: ProjectRef = { entity: "", project: "" };

/** Runs that have the text: of the project on the page first, then of those that were active last. */
export function useRunSearch(pageProject: ProjectRef | null, projects: readonly Project[], text: string) {
  const others = projects
    .filter((project) => project.n_runs > 0)
    .filter((project) => project.entity !== pageProject?.entity || project.project !== pageProject.project)
    .slice(0, PROJECTS_SEARCHED);
  const ownRuns = useQuery({
    ...findRunsQuery(pageProject ?? NOWHERE, text, RUNS),
    enabled: pageProject !== null,
  });
  const otherRuns = useQueries({
    // with nothing typed, the project's own runs are enough
    queries: (pageProject && text === "" ? [] : others).map((project) => findRunsQuery(project, text, RUNS)),
    combine: (results) => ({
      runs: results.flatMap((result) => result.data?.runs ?? []),
      totals: results.map((result) => result.data?.total ?? 0),
      isFetching: results.some((result) => result.isFetching),
    }),
  });
  const newest = [...otherRuns.runs].sort((a, b) => b.created_micros - a.created_micros);
  const own = pageProject ? ownRuns.data : undefined;
  const ownRoom = Math.max(RUNS_HERE, RUNS - newest.length);
  const elsewhere = otherRuns.totals.flatMap((total, i) => {
    const project = others[i];
    return project && total > 0 ? [{ project, total }] : [];
  });
  return {
    runs: [...(own?.runs ?? []).slice(0, ownRoom), ...newest].slice(0, RUNS),
    nRuns: elsewhere.reduce((sum, { total }) => sum + total, own?.total ?? 0),
    nOwn: own?.total ?? null,
    /** Other projects with runs that have the text. */
    elsewhere,
    isLooking: ownRuns.isFetching || otherRuns.isFetching,
  };
}
