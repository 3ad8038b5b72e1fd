/**
 * Where in the app the page on screen is, as its address says.
 */

import { useLocation, useParams } from "@tanstack/react-router";
import type { ProjectRef } from "@/api/types";

export interface PageRoute {
  readonly project: ProjectRef | null;
  /** The run's id. */
  readonly run: string | null;
  readonly isHome: boolean;
  readonly isProjectList: boolean;
  /** The entity whose projects are listed; null: all. */
  readonly listedEntity: string | null;
  /** Settings, keys, teams. */
  readonly isPeople: boolean;
  readonly isRunsTable: boolean;
  readonly isCompare: boolean;
  readonly isTrash: boolean;
  readonly isActivity: boolean;
  /** Of the project. */
  readonly isSettings: boolean;
  readonly isArtifacts: boolean;
  /** The list of sweeps, or one of them. */
  readonly isSweeps: boolean;
  /** The sweep's id. */
  readonly sweep: string | null;
  readonly isDocs: boolean;
  readonly isRegistry: boolean;
  /** The registry's name. */
  readonly registry: string | null;
}

export function usePageRoute(): PageRoute {
  const {
    entity,
    project,
    run,
    registry,
    sweep,
  }: { entity?: string; project?: string; run?: string; registry?: string; sweep?: string } = useParams({
    strict: false,
  });
  const home = useLocation({
    select: ({ pathname, search }) =>
      pathname !== "/" ? null : (search as { view?: string }).view === "projects" ? "projects" : "home",
  });
  const listedEntity = useLocation({
    select: ({ search }) => (search as { entity?: string }).entity ?? null,
  });
  const isPeople = useLocation({
    select: ({ pathname }) => /^\/(settings|teams|authorize)(\/|$)/.test(pathname),
  });
  const isRunsTable = useLocation({ select: ({ pathname }) => /^\/[^/]+\/[^/]+\/runs\/?$/.test(pathname) });
  const isCompare = useLocation({ select: ({ pathname }) => /^\/[^/]+\/[^/]+\/compare\/?$/.test(pathname) });
  const isTrash = useLocation({ select: ({ pathname }) => /^(\/[^/]+\/[^/]+)?\/trash\/?$/.test(pathname) });
  const isActivity = useLocation({
    select: ({ pathname }) => /^\/[^/]+\/[^/]+\/activity\/?$/.test(pathname),
  });
  const isSettings = useLocation({
    select: ({ pathname }) => /^\/[^/]+\/[^/]+\/settings\/?$/.test(pathname),
  });
  const isArtifacts = useLocation({
    select: ({ pathname }) => /^\/[^/]+\/[^/]+\/artifacts(\/|$)/.test(pathname),
  });
  const isSweeps = useLocation({ select: ({ pathname }) => /^\/[^/]+\/[^/]+\/sweeps(\/|$)/.test(pathname) });
  const isDocs = useLocation({ select: ({ pathname }) => /^\/docs(\/|$)/.test(pathname) });
  const isRegistry = useLocation({ select: ({ pathname }) => /^\/registry(\/|$)/.test(pathname) });
  return {
    project: entity && project ? { entity, project } : null,
    run: run ?? null,
    isHome: home === "home",
    isProjectList: home === "projects",
    listedEntity: home === null ? null : listedEntity,
    isPeople,
    isRunsTable,
    isCompare,
    isTrash,
    isActivity,
    isSettings,
    isArtifacts,
    isSweeps,
    sweep: sweep ?? null,
    isDocs,
    isRegistry,
    registry: registry ?? null,
  };
}
