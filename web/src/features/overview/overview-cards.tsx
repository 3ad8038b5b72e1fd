/** The cards of a project's overview with its starred and newest runs, and its saved views, a few of each. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { HOME_REFRESH_MILLIS } from "@/api/projects";
import { newestRunsQuery, starredRunsQuery } from "@/api/runs/recent-runs";
import type { ProjectRef, Run } from "@/api/types";
import { savedViewsQuery } from "@/api/views";
import { filterText } from "@/data/filter/tree";
import { firstNumbers } from "@/data/metrics/key-metric";
import { STARRED } from "@/data/runs/star";
import { formatCount, formatValue } from "@/data/text/format";
import { KeyHint } from "@/ui/keys/key-hint";
import { Icon } from "@/ui/signs/icons";
import { StateIcon } from "@/ui/signs/state-icon";
import { Ago } from "@/ui/text/ago";
import { MidName } from "@/ui/text/mid-name";
import { useRights } from "../use-rights";
import { ListCard } from "./list-card";

const RUNS = 6;
const STARRED_RUNS = 8;
/** Of a starred run. */
const NUMBERS = 3;
const VIEWS = 10;

interface CardProps {
  readonly project: ProjectRef;
}

export function RunsCard({ project }: CardProps) {
  const { data, error, refetch } = useQuery(newestRunsQuery(project, HOME_REFRESH_MILLIS, RUNS));
  return (
    <ListCard
      title="Newest runs"
      answer={data}
      error={error}
      onRetry={refetch}
      none="No runs yet: the workspace shows how to log the first."
      all={
        <Link to="/$entity/$project/runs" params={project} className="all">
          All runs
        </Link>
      }
      draw={(run) => <RunLine key={run.id} project={project} run={run} />}
    />
  );
}

/** Runs that everyone finds here: a star is a tag, so it is the same for all. */
export function StarredRunsCard({ project }: CardProps) {
  const { mayWrite } = useRights(project);
  const { data, error, refetch } = useQuery(starredRunsQuery(project, HOME_REFRESH_MILLIS, STARRED_RUNS));
  return (
    <ListCard
      title="Starred runs"
      answer={data?.runs}
      error={error}
      onRetry={refetch}
      none={
        mayWrite ? (
          <>
            No starred runs yet. Star one in its menu, on its page, or with <KeyHint keys="s" /> in the{" "}
            <Link to="/$entity/$project" params={project}>
              workspace
            </Link>
            , and everyone finds it here.
          </>
        ) : (
          "No starred runs yet."
        )
      }
      all={
        <Link
          to="/$entity/$project/runs"
          params={project}
          search={{ filter: filterText(STARRED) } as never}
          className="all"
        >
          All {formatCount(data?.total ?? 0)}
        </Link>
      }
      draw={(run) => (
        <RunLine key={run.id} project={project} run={run}>
          <Numbers run={run} />
        </RunLine>
      )}
    />
  );
}

interface RunLineProps extends CardProps {
  readonly run: Run;
  /** Below its name. */
  readonly children?: ReactNode;
}

function RunLine({ project, run, children }: RunLineProps) {
  return (
    <li>
      <span className="sw-dot" style={{ background: `var(--w-run-${run.color})` }} />
      <span className="overview-name">
        <Link to="/$entity/$project/runs/$run" params={{ ...project, run: run.id }} className="plain w5">
          <MidName name={run.name} />
        </Link>
        <StateIcon state={run.state} />
      </span>
      <span className="meta tn">
        <Ago micros={run.created_micros} suffix=" ago" />
      </span>
      {children}
    </li>
  );
}

/** The key metrics of a run. */
function Numbers({ run }: { run: Run }) {
  const numbers = firstNumbers(run.summary, run.definitions, []).slice(0, NUMBERS);
  if (numbers.length === 0) return null;
  return (
    <span className="overview-about overview-numbers">
      {numbers.map(({ key, aggregate, value }) => {
        const label = aggregate ? `${key} ${aggregate}` : key;
        return (
          <span key={label} title={label}>
            <span className="ell">{label}</span> <b className="tn">{formatValue(value)}</b>
          </span>
        );
      })}
    </span>
  );
}

export function ViewsCard({ project }: CardProps) {
  const { data, error, refetch } = useQuery(savedViewsQuery(project));
  return (
    <ListCard
      title="Saved views"
      answer={data?.toSorted((a, b) => b.edited_micros - a.edited_micros).slice(0, VIEWS)}
      error={error}
      onRetry={refetch}
      none="No saved views yet: the menu of views in the workspace saves one."
      all={
        <Link to="/$entity/$project" params={project} className="all">
          Workspace
        </Link>
      }
      draw={(view) => (
        <li key={view.id}>
          <Icon name="layers" isSmall />
          <span className="overview-name">
            <Link
              to="/$entity/$project"
              params={project}
              search={{ view: view.id } as never}
              className="plain w5"
            >
              <MidName name={view.name} />
            </Link>
            {view.kind === "personal" && view.owner !== null && <span className="flag neu">only yours</span>}
          </span>
          <span className="meta tn">
            <Ago micros={view.edited_micros} suffix=" ago" />
          </span>
        </li>
      )}
    />
  );
}
