/** Where in the app the page on screen is, as its address says. */

import { useLocation, useParams } from "@tanstack/react-router";
import type { ProjectRef } from "@/api/types";

/** The pages of a project; those of one run are `run`, those of a sweep `sweeps`. */
const PROJECT_PAGES = [
  "workspace",
  "runs",
  "run",
  "compare",
  "trash",
  "activity",
  "settings",
  "artifacts",
  "sweeps",
  "reports",
  "overview",
] as const;
export type ProjectPage = (typeof PROJECT_PAGES)[number];

/** The pages of no project; `people` are settings, keys and teams. */
export type OuterPage = "home" | "projects" | "people" | "trash" | "docs" | "registry" | "reports" | "other";

interface InnerRoute {
  readonly project: ProjectRef;
  readonly page: ProjectPage;
}

interface OuterRoute {
  readonly project: null;
  readonly page: OuterPage;
}

export type PageRoute = (InnerRoute | OuterRoute) & {
  /** The run's id. */
  readonly run: string | null;
  /** The entity whose projects are listed; null: all. */
  readonly listedEntity: string | null;
  /** The sweep's id. */
  readonly sweep: string | null;
  /** The report's id. */
  readonly report: string | null;
  /** The registry's name. */
  readonly registry: string | null;
};

/** The first names of addresses that belong to no project. */
const OUTER_PAGES: Readonly<Record<string, OuterPage>> = {
  settings: "people",
  teams: "people",
  authorize: "people",
  trash: "trash",
  docs: "docs",
  registry: "registry",
  reports: "reports",
};

export function usePageRoute(): PageRoute {
  const {
    entity,
    project,
    run,
    registry,
    sweep,
    report,
  }: Partial<Record<"entity" | "project" | "run" | "registry" | "sweep" | "report", string>> = useParams({
    strict: false,
  });
  const pathname = useLocation({ select: (location) => location.pathname });
  const isList = useLocation({ select: ({ search }) => (search as { view?: string }).view === "projects" });
  const listed = useLocation({ select: ({ search }) => (search as { entity?: string }).entity ?? null });
  const names = pathname.split("/").filter(Boolean);
  const isHome = pathname === "/";
  const parts = {
    run: run ?? null,
    listedEntity: isHome ? listed : null,
    sweep: sweep ?? null,
    report: report ?? null,
    registry: registry ?? null,
  };
  if (entity && project)
    return { ...parts, project: { entity, project }, page: run ? "run" : projectPage(names[2]) };
  if (isHome) return { ...parts, project: null, page: isList ? "projects" : "home" };
  return { ...parts, project: null, page: OUTER_PAGES[names[0] ?? ""] ?? "other" };
}

function projectPage(name: string | undefined): ProjectPage {
  return PROJECT_PAGES.find((page) => page === name) ?? "workspace";
}
