/** Activity by days, the newest first: a line for each entry, with links to its subjects. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ActivityEntry, ActivityObject, ActivityQuery } from "@/api/people/activity";
import { endOf, sentenceOf } from "@/data/people/activity-words";
import { formatCount, formatDay } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { EmptyState } from "@/ui/signs/empty-state";
import { Fault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { StateIcon } from "@/ui/signs/state-icon";
import { Ago } from "@/ui/text/ago";
import { PersonAvatar } from "../person";
import "./activity.css";

/** Objects that a line names. */
const NAMED = 4;

interface ActivityFeedProps {
  readonly query: ActivityQuery;
  /** Name the project of each entry. */
  readonly isOfTeam?: boolean;
  readonly emptyText: string;
}

export function ActivityFeed({ query: options, isOfTeam = false, emptyText }: ActivityFeedProps) {
  const query = useInfiniteQuery(options);
  const entries = query.data?.pages.flatMap((page) => page.entries);
  if (query.error && !entries)
    return (
      <section className="card">
        <Fault title="The activity could not be read" error={query.error} onRetry={query.refetch} />
      </section>
    );
  if (!entries)
    return (
      <section className="card">
        <SkeletonRows n={8} label="Loading the activity" height={40} />
      </section>
    );
  return (
    <section className="card activity" aria-label="Activity">
      {entries.length === 0 ? (
        <EmptyState icon="clock" title="Nothing yet">
          {emptyText}
        </EmptyState>
      ) : (
        byDay(entries).map(({ day, entries: ofDay }) => (
          <div key={day} role="group" aria-label={day}>
            <h2>{day}</h2>
            <ul>
              {ofDay.map((entry) => (
                <Entry key={keyOf(entry)} entry={entry} isOfTeam={isOfTeam} />
              ))}
            </ul>
          </div>
        ))
      )}
      {query.hasNextPage && (
        <div className="row foot">
          <Button isSmall disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show older ones
          </Button>
        </div>
      )}
    </section>
  );
}

function keyOf({ at_micros, user, action, project, objects }: ActivityEntry): string {
  return [at_micros, user, action, project, objects[0]?.id].join(" ");
}

/** Entries in groups of one day each. */
function byDay(entries: readonly ActivityEntry[]): readonly { day: string; entries: ActivityEntry[] }[] {
  const days: { day: string; entries: ActivityEntry[] }[] = [];
  const today = formatDay(Date.now() * 1000);
  for (const entry of entries) {
    const day = formatDay(entry.at_micros);
    const name = day === today ? "Today" : day;
    if (days.at(-1)?.day === name) days.at(-1)!.entries.push(entry);
    else days.push({ day: name, entries: [entry] });
  }
  return days;
}

function Entry({ entry, isOfTeam }: { entry: ActivityEntry; isOfTeam: boolean }) {
  const { user, objects, n, to } = entry;
  const { before, after, hasObjects } = sentenceOf(entry);
  const state = endOf(entry.action);
  const isOne = hasObjects && n === 1 && objects.length === 1;
  return (
    <li>
      {user === null ? <span className="no-one" /> : <PersonAvatar user={user} />}
      <div>
        <span className="what">
          {state !== null && <StateIcon state={state} />}
          <span>
            <b>{user ?? "The server's own user"}</b>
            {before}
            {isOne && <ObjectLink entry={entry} object={objects[0]!} />}
            {after}
            {to && <> to {to}</>}
            {isOfTeam && entry.project !== null && (
              <>
                {entry.action === "run.move" ? " from " : " in "}
                <ProjectLink entity={entry.entity} project={entry.project} />
              </>
            )}
          </span>
        </span>
        {hasObjects && n > 1 && (
          <span className="objects">
            {objects.slice(0, NAMED).map((object, i) => (
              <span key={object.id}>
                {i > 0 && ", "}
                <ObjectLink entry={entry} object={object} />
              </span>
            ))}
            {n > NAMED && ` and ${formatCount(n - Math.min(NAMED, objects.length))} more`}
          </span>
        )}
      </div>
      <span className="meta tn">
        <Ago micros={entry.at_micros} suffix=" ago" />
      </span>
    </li>
  );
}

function ProjectLink({ entity, project }: { entity: string; project: string }) {
  return (
    <Link to="/$entity/$project" params={{ entity, project }} className="plain">
      {project}
    </Link>
  );
}

/** Where an object can't be opened any more, its name alone. */
function ObjectLink({ entry, object }: { entry: ActivityEntry; object: ActivityObject }): ReactNode {
  const { action, entity, project } = entry;
  const name = object.name || object.id;
  const [kind, change] = action.split(".");
  if (project === null || change === "remove" || change === "purge") return <b>{name}</b>;
  const ref = { entity, project };
  if (kind === "run" && !object.is_gone)
    return (
      <Link to="/$entity/$project/runs/$run" params={{ ...ref, run: object.id }}>
        {name}
      </Link>
    );
  if (kind === "view")
    return (
      <Link to="/$entity/$project" params={ref} search={{ view: object.id } as never}>
        {name}
      </Link>
    );
  if (kind === "report")
    return (
      <Link to="/$entity/$project/reports/$report" params={{ ...ref, report: object.id }}>
        {name}
      </Link>
    );
  if (kind === "sweep")
    return (
      <Link to="/$entity/$project/sweeps/$sweep" params={{ ...ref, sweep: object.id }}>
        {name}
      </Link>
    );
  const at = object.id.lastIndexOf(":");
  if (kind === "artifact" && object.type && at > 0)
    return (
      <Link
        to="/$entity/$project/artifacts/$type/$artifact/$version"
        params={{
          ...ref,
          type: object.type,
          artifact: object.id.slice(0, at),
          version: object.id.slice(at + 1),
        }}
      >
        {name}
      </Link>
    );
  return <b>{name}</b>;
}
