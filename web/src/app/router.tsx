/**
 * Addresses and their pages. What is not needed for the first chart is loaded with its page.
 */

import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { HomePage } from "@/features/home/home";
import { WorkspacePage } from "@/features/workspace/workspace";
import { NoSuchPage, PageBroke } from "./page-broke";
import { Shell } from "./shell";

const root = createRootRoute({ component: Shell });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: (search: Record<string, unknown>): { view?: string; entity?: string } => search,
  component: HomePage,
});

const gallery = createRoute({
  getParentRoute: () => root,
  path: "/gallery",
  component: lazyRouteComponent(() => import("@/features/gallery/gallery"), "GalleryPage"),
});

const docs = createRoute({
  getParentRoute: () => root,
  path: "/docs",
  component: lazyRouteComponent(() => import("@/features/docs/docs-page"), "DocsPage"),
});

const docsIndex = createRoute({
  getParentRoute: () => docs,
  path: "/",
  component: lazyRouteComponent(() => import("@/features/docs/docs-page"), "DocumentPage"),
});

const docsDocument = createRoute({
  getParentRoute: () => docs,
  path: "/$document",
  component: lazyRouteComponent(() => import("@/features/docs/docs-page"), "DocumentPage"),
});

/** Longer addresses below `/docs`: the documents page says that there is no such document. */
const docsOther = createRoute({
  getParentRoute: () => docs,
  path: "/$",
  component: lazyRouteComponent(() => import("@/features/docs/docs-page"), "DocumentPage"),
});

const authorize = createRoute({
  getParentRoute: () => root,
  path: "/authorize",
  component: lazyRouteComponent(() => import("@/features/account/authorize-page"), "AuthorizePage"),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyRouteComponent(() => import("@/features/account/settings-page"), "SettingsPage"),
});

const workspace = createRoute({
  getParentRoute: () => root,
  path: "/$entity/$project",
  component: function WorkspaceRoute() {
    const { entity, project } = workspace.useParams();
    return <WorkspacePage key={`${entity}/${project}`} entity={entity} project={project} />;
  },
});

const workspaceTab = createRoute({
  getParentRoute: () => root,
  path: "/$entity/$project/workspace",
  component: function WorkspaceTabRoute() {
    const { entity, project } = workspaceTab.useParams();
    return <WorkspacePage key={`${entity}/${project}`} entity={entity} project={project} />;
  },
});

const runsTable = createRoute({
  getParentRoute: () => root,
  path: "/$entity/$project/runs",
  component: lazyRouteComponent(() => import("@/features/runs-table/runs-table-page"), "RunsTablePage"),
});

const compare = createRoute({
  getParentRoute: () => root,
  path: "/$entity/$project/compare",
  component: lazyRouteComponent(() => import("@/features/compare/compare-page"), "ComparePage"),
});

const projectTrash = createRoute({
  getParentRoute: () => root,
  path: "/trash",
  component: lazyRouteComponent(() => import("@/features/trash/project-trash-page"), "ProjectTrashPage"),
});

const trash = createRoute({
  getParentRoute: () => root,
  path: "/$entity/$project/trash",
  component: lazyRouteComponent(() => import("@/features/trash/trash-page"), "TrashPage"),
});

const run = createRoute({
  getParentRoute: () => root,
  path: "/$entity/$project/runs/$run",
  component: lazyRouteComponent(() => import("@/features/run-page/run-page"), "RunPage"),
});

const runOverview = createRoute({
  getParentRoute: () => run,
  path: "/",
  component: lazyRouteComponent(() => import("@/features/run-page/run-page"), "OverviewTab"),
});

const runCharts = createRoute({
  getParentRoute: () => run,
  path: "/charts",
  component: lazyRouteComponent(() => import("@/features/run-page/run-page"), "ChartsTab"),
});

const runSystem = createRoute({
  getParentRoute: () => run,
  path: "/system",
  component: lazyRouteComponent(() => import("@/features/run-page/run-page"), "SystemTab"),
});

const runLogs = createRoute({
  getParentRoute: () => run,
  path: "/logs",
  component: lazyRouteComponent(() => import("@/features/run-page/run-page"), "LogsTab"),
});

const runFiles = createRoute({
  getParentRoute: () => run,
  path: "/files",
  component: lazyRouteComponent(() => import("@/features/run-page/run-page"), "FilesTab"),
});

const runModel = createRoute({
  getParentRoute: () => run,
  path: "/model",
  component: lazyRouteComponent(() => import("@/features/run-page/run-page"), "ModelTab"),
});

const runMedia = createRoute({
  getParentRoute: () => run,
  path: "/media",
  component: lazyRouteComponent(() => import("@/features/run-page/run-page"), "MediaTab"),
});

const runCode = createRoute({
  getParentRoute: () => run,
  path: "/code",
  component: lazyRouteComponent(() => import("@/features/run-page/run-page"), "CodeTab"),
});

const runArtifacts = createRoute({
  getParentRoute: () => run,
  path: "/artifacts",
  component: lazyRouteComponent(() => import("@/features/run-page/run-page"), "ArtifactsTab"),
});

const ArtifactsPage = lazyRouteComponent(
  () => import("@/features/artifacts/artifacts-page"),
  "ArtifactsPage",
);

const artifacts = createRoute({
  getParentRoute: () => root,
  path: "/$entity/$project/artifacts",
  component: ArtifactsPage,
});

const artifactCollection = createRoute({
  getParentRoute: () => root,
  path: "/$entity/$project/artifacts/$type/$artifact",
  component: ArtifactsPage,
});

const artifactVersion = createRoute({
  getParentRoute: () => root,
  path: "/$entity/$project/artifacts/$type/$artifact/$version",
  component: ArtifactsPage,
});

const sweeps = createRoute({
  getParentRoute: () => root,
  path: "/$entity/$project/sweeps",
  component: lazyRouteComponent(() => import("@/features/sweeps/sweeps-page"), "SweepsPage"),
});

const sweep = createRoute({
  getParentRoute: () => root,
  path: "/$entity/$project/sweeps/$sweep",
  component: lazyRouteComponent(() => import("@/features/sweeps/sweep-page"), "SweepPage"),
});

const RegistryPage = lazyRouteComponent(
  () => import("@/features/artifacts/registry/registry-page"),
  "RegistryPage",
);

const registries = createRoute({
  getParentRoute: () => root,
  path: "/registry",
  component: RegistryPage,
});

const registry = createRoute({
  getParentRoute: () => root,
  path: "/registry/$registry",
  component: RegistryPage,
});

/** As for a project, whose place the registry has in the names of versions. */
const registryCollection = createRoute({
  getParentRoute: () => root,
  path: "/registry/$registry/artifacts/$type/$artifact",
  component: RegistryPage,
});

const registryVersion = createRoute({
  getParentRoute: () => root,
  path: "/registry/$registry/artifacts/$type/$artifact/$version",
  component: RegistryPage,
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    gallery,
    docs.addChildren([docsIndex, docsDocument, docsOther]),
    authorize,
    settings,
    workspace,
    workspaceTab,
    runsTable,
    compare,
    projectTrash,
    trash,
    artifacts,
    artifactCollection,
    artifactVersion,
    sweeps,
    sweep,
    registries,
    registry,
    registryCollection,
    registryVersion,
    run.addChildren([
      ...[runOverview, runCharts, runSystem, runModel, runLogs, runMedia, runFiles, runArtifacts, runCode],
    ]),
  ]),
  // search parts stay plain texts: features/view/url.ts reads them
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const text = new URLSearchParams(search as Record<string, string>).toString();
    return text ? `?${text}` : "";
  },
  defaultPreload: false,
  defaultErrorComponent: PageBroke,
  defaultNotFoundComponent: NoSuchPage,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
