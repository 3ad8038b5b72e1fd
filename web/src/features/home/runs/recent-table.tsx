/**
 * Home's ended runs: how they ended, and what came of them.
 */

import type { Run } from "@/api/types";
import { keyMetricOf } from "@/data/metrics/key-metric";
import { isReasonPrinted } from "@/data/runs/reason";
import { formatValue } from "@/data/text/format";
import { Ago } from "@/ui/text/ago";
import { NamesBeside } from "@/ui/text/mid-name";
import { ReasonLink } from "../../reason-link";
import { Runtime } from "../../runtime";
import { ProjectName, RunName } from "./run-cells";

export function RecentTable({ runs }: { runs: readonly Run[] }) {
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
          <NamesBeside names={runs.map(({ name }) => name)}>
            {runs.map((run) => (
              <RecentRow key={`${run.project} ${run.id}`} run={run} />
            ))}
          </NamesBeside>
        </tbody>
      </table>
    </div>
  );
}

function RecentRow({ run }: { run: Run }) {
  const metric = keyMetricOf(run.summary, run.definitions);
  return (
    <tr>
      <td>
        <RunName run={run}>
          <EndWords run={run} />
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

/** The end of a run, where its state does not say it all; an error leads to where its log says so. */
function EndWords({ run }: { run: Run }) {
  const { id, reason, state } = run;
  if (reason !== null) {
    const look = { className: "meta ell how", title: reason };
    if (!isReasonPrinted(state, reason)) return <span {...look}>{reason}</span>;
    return (
      <ReasonLink project={run} run={id} {...look}>
        {reason}
      </ReasonLink>
    );
  }
  if (run.state === "failed" && run.exit_code !== null)
    return <span className="meta ell how">exit code {run.exit_code}</span>;
  if (run.state === "crashed") return <span className="meta ell how">no finish received</span>;
  return null;
}
