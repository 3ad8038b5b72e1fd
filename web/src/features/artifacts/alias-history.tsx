/** Who moved which alias, who described what, who linked what to a registry, and who deleted versions. */

import { Link } from "@tanstack/react-router";
import type { ArtifactChange } from "@/api/artifacts/artifacts";
import { useOptionalQuery } from "@/api/optional-query";
import { runNamesQuery } from "@/api/runs/run-names";
import type { ProjectRef } from "@/api/types";
import { Ago } from "@/ui/text/ago";
import { MidName, NamesBeside } from "@/ui/text/mid-name";
import { Tag } from "@/ui/text/tag";
import { Person, useHasAccounts } from "../person";

/** The run that did it, and its user. */
const RUN = /^run (\S+)( of .+)?$/;

interface AliasHistoryProps {
  /** Of the runs that did it; absent in a registry, whose runs are of many projects. */
  readonly project?: ProjectRef;
  readonly changes: readonly ArtifactChange[];
}

export function AliasHistory({ project, changes }: AliasHistoryProps) {
  const runs = [...new Set(changes.flatMap(({ user }) => RUN.exec(user)?.[1] ?? []))];
  const query = useOptionalQuery(project && runs.length > 0 ? runNamesQuery(project, runs) : null);
  const names = query?.data;
  return (
    <table className="data-table alias-history" aria-label="History">
      <tbody>
        <NamesBeside names={[...(names?.values() ?? [])]}>
          {changes.map((change) => (
            <tr key={`${change.changed_micros} ${change.alias} ${change.action}`}>
              <td className="alias">
                {change.action === "alias" ? (
                  <Tag>{change.alias}</Tag>
                ) : (
                  <span className="muted">{change.action === "describe" ? "description" : "version"}</span>
                )}
              </td>
              <td className="change tn ell" title={change.source ?? undefined}>
                {wordsOf(change)}
              </td>
              <td className="doer muted ell">
                <Doer change={change} project={project} names={names} />
              </td>
              <td className="number t2">
                <Ago micros={change.changed_micros} suffix=" ago" />
              </td>
            </tr>
          ))}
        </NamesBeside>
      </tbody>
    </table>
  );
}

interface DoerProps {
  readonly change: Pick<ArtifactChange, "action" | "user">;
  readonly project?: ProjectRef;
  /** Names of runs by their ids. */
  readonly names?: ReadonlyMap<string, string>;
}

/** Who did it. No one: the time of the version was over, or the run that did it was deleted. */
function Doer({ change: { action, user }, project, names }: DoerProps) {
  const hasAccounts = useHasAccounts();
  if (!user) return action === "delete" ? "its time was over" : "by a deleted run";
  const [, run = "", ofUser = ""] = RUN.exec(user) ?? [];
  const name = names?.get(run);
  if (project && name !== undefined)
    return (
      <span className="row">
        {"by "}
        <Link to="/$entity/$project/runs/$run" params={{ ...project, run }} className="plain ell">
          <MidName name={name} />
        </Link>
        {ofUser}
      </span>
    );
  // a run is written as `run ID`, a word that no name of a user has
  return hasAccounts && !user.includes(" ") ? <Person user={user} size="sm" /> : `by ${user}`;
}

/** Who described a version (null: the collection) last, and when. */
export function DescribedBy({
  changes,
  version,
}: {
  changes: readonly ArtifactChange[];
  version: string | null;
}) {
  const last = changes.find(({ action, to_version: to }) => action === "describe" && to === version);
  if (!last) return null;
  return (
    <span className="row">
      Edited <Ago micros={last.changed_micros} suffix=" ago" /> <Doer change={last} />
    </span>
  );
}

function wordsOf({ action, from_version: from, to_version: to, ...change }: ArtifactChange): string {
  const source = change.source ?? "a version of a project you can't see";
  if (action === "link") return `${to} linked to ${source}`;
  if (action === "unlink") return `${from} unlinked from ${source}`;
  if (action === "delete") return `${from ?? "a version"} deleted`;
  if (action === "describe") return to ? `of ${to}` : "of the artifact";
  if (from && to) return `${from} → ${to}`;
  return to ? `added to ${to}` : `taken from ${from ?? "a version"}`;
}
