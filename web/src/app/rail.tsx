/**
 * The rail at the left: the pages of where one is.
 */

import { Link } from "@tanstack/react-router";
import { Icon, type IconName, Mark } from "@/ui/icons";
import { type Place, usePlace } from "./place";

export function Rail() {
  const place = usePlace();
  return (
    <aside className="rail">
      <Link to="/" className="mark" aria-label="weft home" title="Home">
        <Mark />
      </Link>
      <nav aria-label="Main">{place.project ? <ProjectPages {...place} /> : <HomePages {...place} />}</nav>
    </aside>
  );
}

function HomePages({ isHome, isProjectList }: Place) {
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
    </>
  );
}

/** Home and the list of projects differ only in their search part. */
const EXACT = { exact: true, includeSearch: true };

/** The router would mark links by their path alone. */
const NONE = { "aria-current": undefined };

function ProjectPages({ project, run, isRunsTable }: Place) {
  if (!project) return null;
  return (
    <>
      <Link to="/">
        <Face icon="home" name="Home" />
      </Link>
      <Link
        to="/$entity/$project"
        params={project}
        // the workspace and the table show the same view
        search={isRunsTable ? true : undefined}
        activeOptions={{ exact: true, includeSearch: false }}
        aria-current={run || isRunsTable ? undefined : "page"}
        activeProps={NONE}
      >
        <Face icon="chart" name="Workspace" />
      </Link>
      <Link
        to="/$entity/$project/runs"
        params={project}
        search={run ? undefined : true}
        aria-current={run || isRunsTable ? "page" : undefined}
        activeProps={NONE}
      >
        <Face icon="table" name="Runs" />
      </Link>
    </>
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
