/**
 * The rail at the left, on a phone a bar below the page: the pages of where one is.
 */

import { Link, useNavigate, useRouter } from "@tanstack/react-router";
import type { ProjectRef } from "@/api/types";
import { useHasAccounts } from "@/features/person";
import { usePageKeys } from "@/ui/keys/use-page-keys";
import { Menu, MenuItem } from "@/ui/overlays/menu";
import { Icon, type IconName, Mark } from "@/ui/signs/icons";
import { type PageRoute, usePageRoute } from "./page-route";

export function Rail() {
  const route = usePageRoute();
  return (
    <aside className={`rail ${route.project ? "of-project" : ""}`}>
      <Link to="/" className="mark" aria-label="weft home" title="Home">
        <Mark />
      </Link>
      <nav aria-label="Main">{route.project ? <ProjectPages {...route} /> : <HomePages {...route} />}</nav>
      <nav className="foot" aria-label="Help">
        <Link to="/docs">
          <Face icon="doc" name="Docs" />
        </Link>
      </nav>
    </aside>
  );
}

function HomePages({ isHome, isProjectList, isTrash, isRegistry }: PageRoute) {
  return (
    <>
      <Link to="/" activeOptions={EXACT} aria-current={isHome ? "page" : undefined}>
        <Face icon="home" name="Home" />
      </Link>
      <Link
        to="/"
        search={{ view: "projects" }}
        activeOptions={EXACT}
        aria-current={isProjectList ? "page" : undefined}
      >
        <Face icon="layers" name="Projects" />
      </Link>
      <Link to="/registry" aria-current={isRegistry ? "page" : undefined} activeProps={NONE}>
        <Face icon="flag" name="Registry" />
      </Link>
      <Link to="/trash" aria-current={isTrash ? "page" : undefined} activeProps={NONE}>
        <Face icon="trash" name="Trash" />
      </Link>
    </>
  );
}

/** Home and the list of projects differ only in their search part. */
const EXACT = { exact: true, includeSearch: true };

/** The router would mark links by their path alone. */
const NONE = { "aria-current": undefined };

/** Keys that lead to the workspace and the runs table, as their links do. */
function usePlaceKeys({
  project,
  run,
  isRunsTable,
  isCompare,
  isTrash,
  isActivity,
  isSettings,
  isArtifacts,
  isSweeps,
}: PageRoute): void {
  const navigate = useNavigate();
  const isOther = isCompare || isTrash || isActivity || isSettings || isArtifacts || isSweeps;
  const isWorkspace = !run && !isRunsTable && !isOther;
  usePageKeys((key) => {
    if (project && key === "w" && !isWorkspace)
      void navigate({ to: "/$entity/$project", params: project, search: isRunsTable ? true : undefined });
    else if (project && key === "t" && !isRunsTable)
      void navigate({
        to: "/$entity/$project/runs",
        params: project,
        search: run || isCompare || isActivity || isSettings || isArtifacts || isSweeps ? undefined : true,
      });
    else return false;
    return true;
  });
}

/** Pages of a project that show neither its view nor a run. */
const OTHER_PAGES = [
  { to: "/$entity/$project/sweeps", icon: "sweep", name: "Sweeps", isOpen: "isSweeps" },
  { to: "/$entity/$project/artifacts", icon: "box", name: "Artifacts", isOpen: "isArtifacts" },
  { to: "/$entity/$project/activity", icon: "clock", name: "Activity", isOpen: "isActivity" },
  { to: "/$entity/$project/trash", icon: "trash", name: "Trash", isOpen: "isTrash" },
  { to: "/$entity/$project/settings", icon: "gear", name: "Settings", isOpen: "isSettings" },
] as const;

/** Those that a phone's bar has no room for. */
const FURTHER = new Set<string>(["isActivity", "isTrash", "isSettings"]);

function ProjectPages(route: PageRoute) {
  const { project, run, isRunsTable, isCompare, isTrash, isActivity, isSettings, isArtifacts, isSweeps } =
    route;
  const hasAccounts = useHasAccounts();
  const router = useRouter();
  usePlaceKeys(route);
  if (!project) return null;
  // the workspace and the table show the same view; `true` were the URL as it was before what a click makes it write
  const search = () => router.latestLocation.search;
  return (
    <>
      <Link to="/">
        <Face icon="home" name="Home" />
      </Link>
      <Link
        to="/$entity/$project"
        params={project}
        search={isRunsTable ? search : undefined}
        activeOptions={{ exact: true, includeSearch: false }}
        aria-current={
          run || isRunsTable || isCompare || isTrash || isActivity || isSettings || isArtifacts || isSweeps
            ? undefined
            : "page"
        }
        activeProps={NONE}
      >
        <Face icon="chart" name="Workspace" />
      </Link>
      <Link
        to="/$entity/$project/runs"
        params={project}
        search={run || isCompare || isActivity || isSettings || isArtifacts || isSweeps ? undefined : search}
        aria-current={run || isRunsTable || isCompare ? "page" : undefined}
        activeProps={NONE}
      >
        <Face icon="table" name="Runs" />
      </Link>
      {OTHER_PAGES.filter(({ isOpen }) => isOpen !== "isActivity" || hasAccounts).map(
        ({ to, icon, name, isOpen }) => (
          <Link
            key={to}
            to={to}
            params={project}
            className={FURTHER.has(isOpen) ? "further" : undefined}
            aria-current={route[isOpen] ? "page" : undefined}
            activeProps={NONE}
          >
            <Face icon={icon} name={name} />
          </Link>
        ),
      )}
      <FurtherPages
        project={project}
        isOpen={isTrash || isActivity || isSettings}
        hasActivity={hasAccounts}
      />
    </>
  );
}

interface FurtherPagesProps {
  readonly project: ProjectRef;
  readonly isOpen: boolean;
  readonly hasActivity: boolean;
}

/** The links that a phone's bar has no room for. */
function FurtherPages({ project, isOpen, hasActivity }: FurtherPagesProps) {
  const navigate = useNavigate();
  return (
    <Menu
      position="top-end"
      target={
        <button type="button" className="more" aria-current={isOpen ? "page" : undefined}>
          <Face icon="dots" name="More" />
        </button>
      }
    >
      {hasActivity && (
        <MenuItem
          icon="clock"
          onChoose={() => void navigate({ to: "/$entity/$project/activity", params: project })}
        >
          Activity
        </MenuItem>
      )}
      <MenuItem
        icon="trash"
        onChoose={() => void navigate({ to: "/$entity/$project/trash", params: project })}
      >
        Trash
      </MenuItem>
      <MenuItem
        icon="gear"
        onChoose={() => void navigate({ to: "/$entity/$project/settings", params: project })}
      >
        Settings
      </MenuItem>
      <MenuItem icon="doc" onChoose={() => void navigate({ to: "/docs" })}>
        Docs
      </MenuItem>
    </Menu>
  );
}

function Face({ icon, name }: { icon: IconName; name: string }) {
  return (
    <>
      <Icon name={icon} />
      {name}
    </>
  );
}
