import { expect, test } from "vitest";
import type { Project } from "@/api/types";
import { entitiesOf } from "./entities";
import { byEntity } from "./side-cards";

const project = (entity: string, name: string) => ({ entity, project: name }) as Project;
const PROJECTS = [
  project("lab", "a"),
  project("lab", "b"),
  project("lab", "c"),
  project("other", "d"),
  project("other", "e"),
  project("ada", "f"),
];

test("one's own entity comes first, then those with most projects; without accounts the newest", () => {
  expect(entitiesOf(PROJECTS, "ada").map(({ name }) => name)).toEqual(["ada", "lab", "other"]);
  const newest = [...PROJECTS].reverse();
  expect(entitiesOf(newest, null).map(({ name }) => name)).toEqual(["ada", "other", "lab"]);
});

test("each entity on Home shows its first projects", () => {
  const groups = byEntity(PROJECTS, entitiesOf(PROJECTS, "ada"));
  expect(groups.map(({ entity, projects }) => [entity, projects.map(({ project: name }) => name)])).toEqual([
    ["ada", ["f"]],
    ["lab", ["a", "b", "c"]],
    ["other", ["d", "e"]],
  ]);
});
