import { expect, test } from "vitest";
import type { FigureInfo } from "@/api/reports/figures";
import type { Block } from "@/data/report/document";
import type { Figure, FigureAnswer } from "@/data/report/figure";
import { readReport } from "@/data/report/read";
import { runSetsOf } from "../grid/run-sets";
import { partsOf, projectFigures, withoutFigure } from "./project-figures";

const OWN = { entity: "lab", project: "mnist" };
const OTHER = { entity: "lab", project: "cifar" };

const DOCUMENT = readReport({
  schema: 1,
  title: "",
  description: "",
  width: "readable",
  blocks: [
    { id: "p", kind: "paragraph", text: [{ kind: "value", run: "lab/cifar/ab", key: "summary.acc" }] },
    {
      id: "curves",
      kind: "grid",
      runSets: { ours: {}, theirs: { project: "lab/cifar" }, more: { project: "cifar" } },
      runSetOrder: ["ours", "theirs", "more"],
      panels: { loss: { kind: "line", keys: ["loss"] } },
    },
    { id: "note", kind: "grid", panels: { note: { kind: "markdown" } } },
  ],
} as unknown as Parameters<typeof readReport>[0]);

function infoOf(project: string | null): FigureInfo {
  const numbers = { n_bytes: 1, n_answers: 1, captured_micros: 1 };
  return { part: "curves", project, sha256: project ?? "", captured_by: null, ...numbers };
}

function figureOf(...sets: readonly string[]): Figure {
  const answer = {} as FigureAnswer;
  return { capturedMicros: 1, answers: [], runSets: new Map(sets.map((set) => [set, answer])) };
}

test("a part has a figure of each of its projects", () => {
  expect(partsOf(DOCUMENT, OWN)).toEqual([
    { part: "curves", projects: [OWN, OTHER] },
    { part: "values:lab/cifar", projects: [expect.objectContaining(OTHER)] },
  ]);
  const projects = [OWN, OTHER];
  expect(withoutFigure([], OWN, projects)).toEqual(projects);
  expect(withoutFigure([infoOf(null)], OWN, projects)).toEqual([OTHER]);
  expect(withoutFigure([infoOf(null), infoOf("lab/cifar")], OWN, projects)).toEqual([]);
});

test("figures are of the projects that the run sets name, also after the report moved", () => {
  const grid = DOCUMENT.blocks.find(({ id }) => id === "curves") as Block & { kind: "grid" };
  const sets = runSetsOf(grid);
  const ours = figureOf("ours");
  const theirs = figureOf("theirs", "more");
  const namesOf = (own: typeof OWN, infos: readonly FigureInfo[]) =>
    projectFigures(infos, [ours, theirs], sets, own).map(
      ({ project, figure }) => `${project.project} ${figure === ours ? "ours" : "theirs"}`,
    );
  expect(new Set(namesOf(OWN, [infoOf(null), infoOf("lab/cifar")]))).toEqual(
    new Set(["mnist ours", "cifar theirs"]),
  );
  // the report was in `lab/cifar`, which its run sets named
  const moved = { entity: "lab", project: "images" };
  const figures = namesOf(moved, [infoOf("lab/mnist"), infoOf(null)]);
  expect(figures.find((name) => name.startsWith("cifar"))).toBe("cifar theirs");
});
