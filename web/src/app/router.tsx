/**
 * Addresses and their pages. Each page is loaded on its own; `index.html` begins with the one of its address.
 */

import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouteComponent,
} from "@tanstack/react-router";
import { noteVisit } from "@/ui/browser/kept-scroll";
import { Frame } from "./frame";
import { NoSuchPage, PageBroke } from "./page-broke";

const root = createRootRoute({ component: Frame });

const loadHome = () => import("@/features/home/home");
const loadWorkspace = () => import("@/features/workspace/workspace");
const loadDocs = () => import("@/features/docs/docs-page");
const loadRun = () => import("@/features/run-page/run-page");
const DocumentPage = lazyRouteComponent(loadDocs, "DocumentPage");
const ArtifactsPage = lazyRouteComponent(
  () => import("@/features/artifacts/artifacts-page"),
  "ArtifactsPage",
);
const RegistryPage = lazyRouteComponent(
  () => import("@/features/artifacts/registry/registry-page"),
  "RegistryPage",
);
const SettingsPage = lazyRouteComponent(() => import("@/features/account/settings-page"), "SettingsPage");
const TeamPage = lazyRouteComponent(() => import("@/features/account/teams/team-page"), "TeamPage");

/** A page below the frame of all pages. */
function page<const Path extends string>(path: Path, component: RouteComponent) {
  return createRoute({ getParentRoute: () => root, path, component });
}

function lazyPage<const Path extends string, Name extends string>(
  path: Path,
  load: () => Promise<Readonly<Record<Name, RouteComponent>>>,
  name: Name,
) {
  return page(path, lazyRouteComponent(load, name));
}

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: (search: Record<string, unknown>): { view?: string; entity?: string } => search,
  component: lazyRouteComponent(loadHome, "HomePage"),
});

const docs = lazyPage("/docs", loadDocs, "DocsPage");
function document<const Path extends string>(path: Path) {
  return createRoute({ getParentRoute: () => docs, path, component: DocumentPage });
}

const ShareRoute = lazyRouteComponent(() => import("./routes/share-route"), "ShareRoute");
const WorkspacePage = lazyRouteComponent(loadWorkspace, "WorkspacePage");

const run = lazyPage("/$entity/$project/runs/$run", loadRun, "RunPage");
function tab<const Path extends string, Name extends string>(
  path: Path,
  load: () => Promise<Readonly<Record<Name, RouteComponent>>>,
  name: Name,
) {
  return createRoute({ getParentRoute: () => run, path, component: lazyRouteComponent(load, name) });
}

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    lazyPage("/gallery", () => import("@/features/gallery/gallery"), "GalleryPage"),
    // of a longer address the page says that there is no such document
    docs.addChildren([document("/"), document("/$document"), document("/$")]),
    lazyPage("/authorize", () => import("@/features/account/authorize-page"), "AuthorizePage"),
    page("/settings", SettingsPage),
    page("/settings/$section", SettingsPage),
    page("/teams/$team", TeamPage),
    page("/teams/$team/$section", TeamPage),
    page("/share/$link", ShareRoute),
    page("/share/$link/$", ShareRoute),
    lazyPage("/trash", () => import("@/features/trash/project-trash-page"), "ProjectTrashPage"),
    page("/$entity/$project", WorkspacePage),
    page("/$entity/$project/workspace", WorkspacePage),
    lazyPage(
      "/$entity/$project/runs",
      () => import("@/features/runs-table/runs-table-page"),
      "RunsTablePage",
    ),
    lazyPage("/$entity/$project/compare", () => import("@/features/compare/compare-page"), "ComparePage"),
    lazyPage("/$entity/$project/overview", () => import("@/features/overview/overview-page"), "OverviewPage"),
    lazyPage("/$entity/$project/activity", () => import("@/features/activity/activity-page"), "ActivityPage"),
    lazyPage(
      "/$entity/$project/settings",
      () => import("@/features/project-settings/project-settings-page"),
      "ProjectSettingsPage",
    ),
    lazyPage("/$entity/$project/trash", () => import("@/features/trash/trash-page"), "TrashPage"),
    page("/$entity/$project/artifacts", ArtifactsPage),
    page("/$entity/$project/artifacts/$type/$artifact", ArtifactsPage),
    page("/$entity/$project/artifacts/$type/$artifact/$version", ArtifactsPage),
    lazyPage("/$entity/$project/sweeps", () => import("@/features/sweeps/sweeps-page"), "SweepsPage"),
    lazyPage("/$entity/$project/sweeps/$sweep", () => import("@/features/sweeps/sweep-page"), "SweepPage"),
    lazyPage("/$entity/$project/reports", () => import("@/features/reports/reports-page"), "ReportsPage"),
    lazyPage(
      "/$entity/$project/reports/$report",
      () => import("@/features/reports/report-page"),
      "ReportPage",
    ),
    lazyPage("/reports", () => import("@/features/reports/gallery/gallery-page"), "ReportGalleryPage"),
    page("/registry", RegistryPage),
    page("/registry/$registry", RegistryPage),
    // as for a project, whose place the registry has in the names of versions
    page("/registry/$registry/artifacts/$type/$artifact", RegistryPage),
    page("/registry/$registry/artifacts/$type/$artifact/$version", RegistryPage),
    run.addChildren([
      // what most people open comes with the page
      tab("/", loadRun, "OverviewTab"),
      tab("/charts", loadRun, "ChartsTab"),
      tab("/system", loadRun, "SystemTab"),
      tab("/logs", loadRun, "LogsTab"),
      tab("/model", () => import("@/features/run-page/model/model-tab"), "ModelTab"),
      tab("/media", () => import("@/features/run-page/media/media-tab"), "MediaTab"),
      tab("/files", () => import("@/features/run-page/files-tab"), "FilesTab"),
      tab("/artifacts", () => import("@/features/run-page/artifacts-tab"), "ArtifactsTab"),
      tab("/code", () => import("@/features/run-page/code/code-tab"), "CodeTab"),
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

// before the router itself, which draws the page of an entry at once
router.history.subscribe(({ action: { type } }) => {
  if (type !== "REPLACE") noteVisit(type === "PUSH");
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
