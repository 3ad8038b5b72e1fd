/**
 * Addresses and their pages.
 */

import { createRootRoute, createRoute, createRouter, Link } from "@tanstack/react-router";
import { HomePage } from "@/features/home/home";
import { RunPage } from "@/features/run-page/run-page";
import { WorkspacePage } from "@/features/workspace/workspace";
import { PageProblem } from "@/ui/page-problem";
import { Shell } from "./shell";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => (
    <PageProblem icon="search" title="There is no such page">
      <Link to="/" className="btn sm">
        Go to Home
      </Link>
    </PageProblem>
  ),
  errorComponent: ({ error }) => (
    <PageProblem icon="warn" title="This page broke">
      <span className="mono">{error instanceof Error ? error.message : String(error)}</span>
      <button type="button" className="btn sm" onClick={() => window.location.reload()}>
        Load it again
      </button>
    </PageProblem>
  ),
});

const home = createRoute({ getParentRoute: () => root, path: "/", component: HomePage });

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

const run = createRoute({
  getParentRoute: () => root,
  path: "/$entity/$project/runs/$run",
  component: function RunRoute() {
    const params = run.useParams();
    return <RunPage key={`${params.entity}/${params.project}/${params.run}`} {...params} />;
  },
});

export const router = createRouter({
  routeTree: root.addChildren([home, workspace, workspaceTab, run]),
  // search parts stay plain texts: features/workspace/view.ts reads them
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const text = new URLSearchParams(search as Record<string, string>).toString();
    return text ? `?${text}` : "";
  },
  defaultPreload: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
