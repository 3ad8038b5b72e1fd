/** Home's ended runs: how they ended, and what came of them. */

import { Link } from "@tanstack/react-router";
import { HOME_NEWEST } from "@/api/runs/run-requests";
import type { Project, Run } from "@/api/types";
import { keyMetricOf } from "@/data/metrics/key-metric";
import { formatCount, formatNoun, formatValue } from "@/data/text/format";
import { Ago } from "@/ui/text/ago";
import { NamesBeside } from "@/ui/text/mid-name";
import { ReasonLink } from "../../reason-link";
import { Runtime } from "../../runtime";
import type { RecentEntry } from "./recent-entries";
import { ProjectName, RunName } from "./run-cells";

interface RecentTableProps {
  readonly entries: readonly RecentEntry[];
  readonly projects: readonly Pick<Project, "entity" | "project" | "n_runs">[];
}

export function RecentTable({ entries, projects }: RecentTableProps) {
  return (
    <div className="card table-card">
      <table className="data-table">
        <thead>
          <tr>
            <th>Run</th>
            <th className="project">Project</th>
            <th className="number metric">Key metric</th>
            <th className="number runtime">Runtime</th>
            <th className="number ended">Ended</th>
          </tr>
        </thead>
        <tbody>
          <NamesBeside names={entries.map(({ run }) => run.name)}>
            {entries.map((entry) => (
              <RecentRow
                key={`${entry.run.project} ${entry.run.id}`}
                {...entry}
                nRuns={projects.find((project) => isOf(entry.run, project))?.n_runs}
              />
            ))}
          </NamesBeside>
        </tbody>
      </table>
    </div>
  );
}

function isOf(run: Run, { entity, project }: RecentTableProps["projects"][number]): boolean {
  return run.entity === entity && run.project === project;
}

function RecentRow({ run, earlier, nRuns }: RecentEntry & { readonly nRuns: number | undefined }) {
  const metric = keyMetricOf(run.summary, run.definitions);
  return (
    <tr>
      <td>
        <RunName run={run}>
          <EndWords run={run} />
          {earlier.length > 0 && <Earlier run={run} n={earlier.length} nRuns={nRuns} />}
        </RunName>
      </td>
      <td className="project">
        <ProjectName run={run} />
      </td>
      <td className="number metric">
        {metric ? (
          <span className="row end" title={metric.key}>
            <span className="meta ell">{metric.key}</span>
            <span className="w5 val">{formatValue(metric.value)}</span>
          </span>
        ) : (
          <span className="muted">none</span>
        )}
      </td>
      <td className="number runtime">
        <Runtime run={run} />
      </td>
      <td className="number t2 ended">
        <Ago micros={run.ended_micros ?? run.heartbeat_micros ?? run.created_micros} suffix=" ago" />
      </td>
    </tr>
  );
}

interface EarlierProps {
  readonly run: Run;
  readonly n: number;
  /** Of the project. */
  readonly nRuns: number | undefined;
}

/** The way to the runs of a project that finished before one; of a project the newest are known. */
function Earlier({ run: { entity, project }, n, nRuns }: EarlierProps) {
  const areMore = n + 1 >= HOME_NEWEST && nRuns !== undefined && nRuns > n + 1;
  const count = `${formatCount(n)}${areMore ? "+" : ""} more`;
  return (
    <Link
      to="/$entity/$project/runs"
      params={{ entity, project }}
      className="meta earlier"
      title={`${count} of ${entity}/${project} finished, one after the other`}
    >
      and {count}
      {areMore && ` of ${formatNoun(nRuns, "run")}`}
    </Link>
  );
}

/** The end of a run, where its state does not say it all; an error leads to where its log says so. */
function EndWords({ run }: { run: Run }) {
  const { id, reason, state } = run;
  if (reason !== null)
    return (
      <ReasonLink
        project={run}
        run={id}
        state={state}
        reason={reason}
        className="meta ell how"
        title={reason}
      >
        {() => reason}
      </ReasonLink>
    );
  if (run.state === "failed" && run.exit_code !== null)
    return <span className="meta ell how">exit code {run.exit_code}</span>;
  if (run.state === "crashed") return <span className="meta ell how">no finish received</span>;
  return null;
}
