/** The bar above every page: where one is, whether changes arrive, search, help, theme. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Fragment, type ReactElement, type ReactNode, useEffect, useState } from "react";
import { projectId, serverQuery } from "@/api/projects";
import { formatCount, formatNoun } from "@/data/text/format";
import { usePageStatus } from "@/features/page-status";
import { EntityMenu } from "@/features/people/entity-menu";
import { NotificationsButton } from "@/features/people/notifications-button";
import { searchOfLastView } from "@/features/view/last-view";
import { IconButton } from "@/ui/controls/icon-button";
import { usePhone } from "@/ui/hooks/use-phone";
import { KeyHint } from "@/ui/keys/key-hint";
import { Icon } from "@/ui/signs/icons";
import { MidName } from "@/ui/text/mid-name";
import { AccessButton } from "./access-button";
import { AccountMenu } from "./account-menu";
import { usePageRoute } from "./page-route";
import { ThemeMenu } from "./theme-menu";

interface TopBarProps {
  onSearch(): void;
  /** The pointer or the focus has come to the button of the search. */
  onNearSearch(): void;
  onHelp(): void;
}

export function TopBar({ onSearch, onNearSearch, onHelp }: TopBarProps) {
  const { project } = usePageRoute();
  return (
    <header className="top">
      <Crumb />
      {project && <AccessButton key={projectId(project)} project={project} />}
      <LiveState />
      <FollowState />
      <span className="grow" />
      <button
        type="button"
        className="find"
        aria-keyshortcuts="Control+K Meta+K"
        onPointerEnter={onNearSearch}
        onFocus={onNearSearch}
        onClick={onSearch}
      >
        <Icon name="search" isSmall />
        <span className="ell">Search or jump to</span>
        <KeyHint keys="mod+k" />
      </button>
      <IconButton icon="help" className="help" label="Shortcuts (?)" onClick={onHelp} />
      <NotificationsButton />
      <ThemeMenu />
      <AccountMenu />
      <LoadLine />
    </header>
  );
}

function Crumb() {
  const route = usePageRoute();
  const { project, page, run, sweep, report, registry } = route;
  const title = usePageStatus((status) => status.title);
  const account = useQuery({ ...serverQuery, select: (server) => server.account }).data ?? null;
  const isNarrow = usePhone();
  const withSwitch = (part: ReactElement, entity: string | null) =>
    account === null || isNarrow ? (
      part
    ) : (
      <span className="row entity-part">
        {part}
        <EntityMenu account={account} entity={entity} />
      </span>
    );
  const parts: ReactNode[] = [];
  if (page === "docs") {
    // the document has the heading of the page
    parts.push(<Link to="/docs">Documents</Link>);
    if (title) parts.push(<b className="ell">{title}</b>);
  } else if (registry !== null) {
    parts.push(<Link to="/registry">Registry</Link>);
    if (!title) parts.push(<h1 className="ell">{registry}</h1>);
    else {
      parts.push(
        <Link to="/registry/$registry" params={{ registry }} className="ell">
          {registry}
        </Link>,
        <h1 className="ell">{title}</h1>,
      );
    }
  } else if (page === "registry") parts.push(<h1>Registry</h1>);
  // they have headings of their own
  else if (page === "people") parts.push(<b className="ell">{title}</b>);
  else if (!project) {
    const heading = <h1>{page === "projects" ? "Projects" : (title ?? "Home")}</h1>;
    parts.push(page === "home" || page === "projects" ? withSwitch(heading, route.listedEntity) : heading);
  } else {
    parts.push(
      withSwitch(
        <Link to="/" search={{ view: "projects", entity: project.entity }}>
          {project.entity}
        </Link>,
        project.entity,
      ),
    );
    if (page !== "workspace" && page !== "runs") {
      parts.push(
        <Link
          to="/$entity/$project"
          params={project}
          search={() => searchOfLastView(project) as never}
          className="ell"
        >
          {project.project}
        </Link>,
        ...(sweep === null
          ? []
          : [
              <Link key="sweeps" to="/$entity/$project/sweeps" params={project}>
                Sweeps
              </Link>,
            ]),
        ...(report === null
          ? []
          : [
              <Link key="reports" to="/$entity/$project/reports" params={project}>
                Reports
              </Link>,
            ]),
        // a run's page and the others have headings of their own
        page === "artifacts" ||
          (page === "sweeps" && sweep === null) ||
          (page === "reports" && report === null) ? (
          <h1 className="ell">{title}</h1>
        ) : (
          // runs of a project often differ at their ends
          <b className="ell">
            <MidName name={title ?? run ?? sweep ?? report ?? ""} />
          </b>
        ),
      );
    } else {
      parts.push(<h1 className="ell">{project.project}</h1>);
    }
  }
  return (
    <nav className="crumb" aria-label="Where you are">
      {parts.map((part, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts are places in a path
        <Fragment key={i}>
          {i > 0 && <span className="sl">/</span>}
          {part}
        </Fragment>
      ))}
    </nav>
  );
}

/** Quiet while all is well: how many runs are running; else that no changes arrive. */
function LiveState() {
  const link = usePageStatus((status) => status.link);
  const nRunning = usePageStatus((status) => status.nRunning);
  const liveNote = usePageStatus((status) => status.liveNote);
  const onRunning = usePageStatus((status) => status.onRunning);
  if (link === "lost") {
    return (
      <span
        className="flag wrn lost"
        role="status"
        title="What you see is what was last received. Trying again by itself."
      >
        Not connected, trying again
      </span>
    );
  }
  if (nRunning === 0) return null;
  const words = (
    <>
      <span className="live-dot" />
      {liveNote ?? `${formatCount(nRunning)} running`}
    </>
  );
  return (
    <span className="live" role="status">
      {onRunning ? (
        <button type="button" className="btn q sm" title="List the running runs" onClick={onRunning}>
          {words}
        </button>
      ) : (
        words
      )}
    </span>
  );
}

/** In `weft ui`: that its directory is being read, or can't be. */
function FollowState() {
  const { data: following } = useQuery({ ...serverQuery, select: (server) => server.following });
  if (!following) return null;
  if (following.error) {
    return (
      <span className="flag wrn lost" role="status" title={following.error}>
        Directory not read
      </span>
    );
  }
  if (following.n_read_bytes < 0.95 * following.n_bytes && following.warnings.length === 0) {
    const percent = Math.floor((100 * following.n_read_bytes) / following.n_bytes);
    return (
      <span className="live" role="status" title={`Reading ${following.root}`}>
        Reading runs, {percent} %
      </span>
    );
  }
  if (following.warnings.length === 0) return null;
  return (
    <span className="flag wrn" role="status" title={following.warnings.join("\n")}>
      {formatNoun(following.warnings.length, "unreadable file")}
    </span>
  );
}

/** Milliseconds between checks for queries that load: a check goes through all queries, and they send many events. */
const CHECK_MILLIS = 100;

/** A thin line under the top bar while something is loaded for the first time. */
function LoadLine() {
  const client = useQueryClient();
  const [isLoading, setLoading] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const check = () => {
      timer = undefined;
      setLoading(client.isFetching({ predicate: ({ state }) => state.status === "pending" }) > 0);
    };
    const checkSoon = () => {
      timer ??= setTimeout(check, CHECK_MILLIS);
    };
    checkSoon(); // queries may have begun before this line was there
    const end = client.getQueryCache().subscribe(checkSoon);
    return () => {
      end();
      clearTimeout(timer);
    };
  }, [client]);
  return isLoading ? <span className="load-line late" aria-hidden="true" /> : null;
}
