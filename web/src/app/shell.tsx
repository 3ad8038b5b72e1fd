/**
 * The frame around every page: rail, top bar, messages, shortcuts.
 */

import { useIsFetching } from "@tanstack/react-query";
import { Link, Outlet, useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { formatCount } from "@/data/format";
import { usePageStatus } from "@/features/page-status";
import { IconButton } from "@/ui/icon-button";
import { Icon, Mark } from "@/ui/icons";
import { Toasts } from "@/ui/toasts";
import { ShortcutsSheet } from "./shortcuts-sheet";
import { ThemeMenu } from "./theme-menu";
import "./shell.css";

interface Place {
  readonly entity?: string;
  readonly project?: string;
  readonly run?: string;
}

export function Shell() {
  const place: Place = useParams({ strict: false });
  const [isHelpOpen, setHelpOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "?" && !(event.target as HTMLElement).matches("input, textarea")) setHelpOpen(true);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  const title = usePageStatus((status) => status.title) ?? place.run;
  useEffect(() => {
    document.title = [title, place.project ?? "Home", "weft"].filter(Boolean).join(" · ");
  }, [title, place.project]);
  return (
    <div className="app">
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <Rail {...place} />
      <header className="top">
        <Crumb {...place} />
        <LiveState />
        <span className="grow" />
        <IconButton icon="help" label="Shortcuts (?)" onClick={() => setHelpOpen(true)} />
        <ThemeMenu />
        <LoadLine />
      </header>
      <div className="page" id="page">
        <Outlet />
      </div>
      <Toasts />
      <ShortcutsSheet isOpen={isHelpOpen} onClose={() => setHelpOpen(false)} />
    </div>
  );
}

function Rail({ entity, project, run }: Place) {
  return (
    <aside className="rail">
      <Link to="/" className="mark" aria-label="weft home" title="Home">
        <Mark />
      </Link>
      <nav aria-label="Main">
        <Link to="/" activeOptions={{ exact: true }} activeProps={{ "aria-current": "page" }}>
          <Icon name="home" />
          Home
        </Link>
        {entity && project && (
          <Link
            to="/$entity/$project"
            params={{ entity, project }}
            activeOptions={{ exact: false, includeSearch: false }}
            aria-current={run ? undefined : "page"}
          >
            <Icon name="chart" />
            Workspace
          </Link>
        )}
      </nav>
    </aside>
  );
}

function Crumb({ entity, project, run }: Place) {
  const title = usePageStatus((status) => status.title);
  if (!entity || !project) {
    return (
      <nav className="crumb" aria-label="Where you are">
        <h1>Home</h1>
      </nav>
    );
  }
  return (
    <nav className="crumb" aria-label="Where you are">
      <Link to="/">{entity}</Link>
      <span className="sl">/</span>
      {run ? (
        <>
          <Link to="/$entity/$project" params={{ entity, project }}>
            {project}
          </Link>
          <span className="sl">/</span>
          <b className="ell">{title ?? run}</b>
        </>
      ) : (
        <h1 className="ell">{project}</h1>
      )}
    </nav>
  );
}

/** Quiet while all is well: how many runs are running; else that no changes arrive. */
function LiveState() {
  const link = usePageStatus((status) => status.link);
  const nRunning = usePageStatus((status) => status.nRunning);
  if (link === "lost") {
    return (
      <span
        className="flag wrn lost"
        role="status"
        title="Charts show what was last received. Trying again by itself."
      >
        Not connected, trying again
      </span>
    );
  }
  if (nRunning === 0) return null;
  return (
    <span className="live" role="status">
      <span className="live-dot" />
      {formatCount(nRunning)} running
    </span>
  );
}

/** A thin line under the top bar while something is loaded for the first time. */
function LoadLine() {
  const n = useIsFetching({
    predicate: (query) => query.state.data === undefined && query.state.status === "pending",
  });
  return n > 0 ? <span className="load-line late" aria-hidden="true" /> : null;
}
