/** The rail at the left, on a phone a bar below the page: the pages of where one is. */

import { Link, useNavigate, useRouter } from "@tanstack/react-router";
import type { ProjectRef } from "@/api/types";
import { useHasAccounts } from "@/features/person";
import { searchOfLastView } from "@/features/view/last-view";
import { usePageKeys } from "@/ui/keys/use-page-keys";
import { Menu, MenuItem } from "@/ui/overlays/menu";
import { Icon, type IconName, Mark } from "@/ui/signs/icons";
import { type OuterPage, type ProjectPage, usePageRoute } from "./page-route";

export function Rail() {
  const route = usePageRoute();
  return (
    <aside className={`rail ${route.project ? "of-project" : ""}`}>
      <Link to="/" className="mark" aria-label="weft home" title="Home">
        <Mark />
      </Link>
      <nav aria-label="Main">
        {route.project ? (
          <ProjectPages project={route.project} page={route.page} />
        ) : (
          <HomePages page={route.page} />
        )}
      </nav>
      <nav className="foot" aria-label="Help">
        <Link to="/docs">
          <Face icon="doc" name="Docs" />
        </Link>
      </nav>
    </aside>
  );
}

function HomePages({ page }: { page: OuterPage }) {
  return (
    <>
      <Link to="/" activeOptions={EXACT} aria-current={page === "home" ? "page" : undefined}>
        <Face icon="home" name="Home" />
      </Link>
      <Link
        to="/"
        search={{ view: "projects" }}
        activeOptions={EXACT}
        aria-current={page === "projects" ? "page" : undefined}
      >
        <Face icon="layers" name="Projects" />
      </Link>
      <Link to="/reports" aria-current={page === "reports" ? "page" : undefined} activeProps={NONE}>
        <Face icon="doc" name="Reports" />
      </Link>
      <Link to="/registry" aria-current={page === "registry" ? "page" : undefined} activeProps={NONE}>
        <Face icon="flag" name="Registry" />
      </Link>
      <Link to="/trash" aria-current={page === "trash" ? "page" : undefined} activeProps={NONE}>
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
function usePlaceKeys({ project, page }: ProjectPagesProps): void {
  const navigate = useNavigate();
  usePageKeys((key) => {
    const back = searchOfLastView(project) as never;
    if (key === "w" && page !== "workspace")
      void navigate({ to: "/$entity/$project", params: project, search: page === "runs" ? true : back });
    else if (key === "t" && page !== "runs")
      void navigate({
        to: "/$entity/$project/runs",
        params: project,
        search: page === "workspace" ? true : back,
      });
    else return false;
    return true;
  });
}

/** Pages of a project that show neither its view nor a run. */
const OTHER_PAGES = [
  { to: "/$entity/$project/sweeps", icon: "sweep", name: "Sweeps", page: "sweeps" },
  { to: "/$entity/$project/artifacts", icon: "box", name: "Artifacts", page: "artifacts" },
  { to: "/$entity/$project/reports", icon: "doc", name: "Reports", page: "reports" },
  { to: "/$entity/$project/activity", icon: "clock", name: "Activity", page: "activity" },
  { to: "/$entity/$project/trash", icon: "trash", name: "Trash", page: "trash" },
  { to: "/$entity/$project/settings", icon: "gear", name: "Settings", page: "settings" },
] as const;

/** Those that a phone's bar has no room for. */
const FURTHER = new Set<ProjectPage>(["overview", "activity", "trash", "settings"]);

interface ProjectPagesProps {
  readonly project: ProjectRef;
  readonly page: ProjectPage;
}

function ProjectPages({ project, page }: ProjectPagesProps) {
  const hasAccounts = useHasAccounts();
  const router = useRouter();
  usePlaceKeys({ project, page });
  // the workspace and the table show the same view; `true` were the URL as it was before what a click makes it write
  const search = () => router.latestLocation.search;
  const back = () => searchOfLastView(project) as never;
  return (
    <>
      <Link to="/">
        <Face icon="home" name="Home" />
      </Link>
      <Link
        to="/$entity/$project/overview"
        params={project}
        className="further"
        aria-current={page === "overview" ? "page" : undefined}
        activeProps={NONE}
      >
        <Face icon="info" name="Overview" />
      </Link>
      <Link
        to="/$entity/$project"
        params={project}
        search={page === "runs" ? search : back}
        activeOptions={{ exact: true, includeSearch: false }}
        aria-current={page === "workspace" ? "page" : undefined}
        activeProps={NONE}
      >
        <Face icon="chart" name="Workspace" />
      </Link>
      <Link
        to="/$entity/$project/runs"
        params={project}
        search={page === "workspace" ? search : back}
        aria-current={page === "runs" || page === "run" || page === "compare" ? "page" : undefined}
        activeProps={NONE}
      >
        <Face icon="table" name="Runs" />
      </Link>
      {OTHER_PAGES.filter((other) => other.page !== "activity" || hasAccounts).map(
        ({ to, icon, name, page: other }) => (
          <Link
            key={to}
            to={to}
            params={project}
            className={FURTHER.has(other) ? "further" : undefined}
            aria-current={page === other ? "page" : undefined}
            activeProps={NONE}
          >
            <Face icon={icon} name={name} />
          </Link>
        ),
      )}
      <FurtherPages project={project} isOpen={FURTHER.has(page)} hasActivity={hasAccounts} />
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
      <MenuItem
        icon="info"
        onChoose={() => void navigate({ to: "/$entity/$project/overview", params: project })}
      >
        Overview
      </MenuItem>
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
