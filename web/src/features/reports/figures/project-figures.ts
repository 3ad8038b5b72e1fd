/** Parts of a version, and the figures of the projects whose runs they show. Pure. */

import { projectId } from "@/api/projects";
import type { FigureInfo, ProjectFigure } from "@/api/reports/figures";
import type { ProjectRef } from "@/api/types";
import type { ReportDocument, RunSet } from "@/data/report/document";
import type { Figure } from "@/data/report/figure";
import { gridsOf, referencesOf } from "@/data/report/outline";
import { projectOf, projectsOf, refOfName, runSetsOf } from "../grid/run-sets";
import { valuesPart } from "./figures-context";

/** A part of a version, which has a figure of each of its projects. */
interface FigurePart {
  readonly part: string;
  readonly projects: readonly ProjectRef[];
}

/** @param own the project of the report, as of all functions here */
export function partsOf(document: Pick<ReportDocument, "blocks">, own: ProjectRef): readonly FigurePart[] {
  const grids = gridsOf(document).map((grid) => ({
    part: grid.id,
    projects: projectsOf(runSetsOf(grid), own),
  }));
  const values = referencesOf(document).map((project) => ({
    part: valuesPart(project),
    projects: [project],
  }));
  return [...grids, ...values];
}

/** The projects, among those of a part, that none of its figures is of. */
export function withoutFigure(
  infos: readonly FigureInfo[],
  own: ProjectRef,
  projects: readonly ProjectRef[],
): readonly ProjectRef[] {
  const stored = new Set(infos.map(({ project }) => project ?? projectId(own)));
  return projects.filter((project) => !stored.has(projectId(project)));
}

/** The sets of a grid whose runs are in its figures. */
export function storedSets(sets: readonly RunSet[], figures: readonly Figure[]): readonly RunSet[] {
  return sets.filter(({ id }) => figures.some(({ runSets }) => runSets.has(id)));
}

/** When the figures of a part were stored, one after another. */
export function capturedMicrosOf(figures: readonly Figure[]): number {
  return Math.min(...figures.map(({ capturedMicros }) => capturedMicros));
}

/** The figures of a grid by the projects that its requests name. @param figures those of `infos` */
export function projectFigures(
  infos: readonly FigureInfo[],
  figures: readonly Figure[],
  sets: readonly RunSet[],
  own: ProjectRef,
): readonly ProjectFigure[] {
  const byName = infos.map(({ project }, i) => ({
    project: refOfName(project ?? "", own),
    figure: figures[i]!,
  }));
  // a set may name the report's project as it was before it moved
  const bySet = figures.flatMap((figure) =>
    storedSets(sets, [figure]).map((set) => ({ project: projectOf(set, own), figure })),
  );
  return [...byName, ...bySet];
}
