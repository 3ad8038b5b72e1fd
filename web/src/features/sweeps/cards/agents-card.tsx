/** The agents of a sweep: where they run, what they run now, and when they were last heard from. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import { type Sweep, sweepAgentsQuery } from "@/api/sweeps/sweeps";
import type { ProjectRef } from "@/api/types";
import { formatCount } from "@/data/text/format";
import { Fault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { Ago } from "@/ui/text/ago";
import { MidName } from "@/ui/text/mid-name";
import "@/ui/cards/cards.css";
import { SweepState } from "../sweep-state";
import { useNamesOf } from "../use-run-names";

interface AgentsCardProps {
  readonly project: ProjectRef;
  readonly sweep: Sweep;
  readonly isLive: boolean;
  /** Whether it is time to ask for them: the charts come first. */
  readonly isDue: boolean;
}

export function AgentsCard({ project, sweep, isLive, isDue }: AgentsCardProps) {
  const query = useQuery({ ...sweepAgentsQuery(project, sweep.id, isLive), enabled: isDue });
  const { data: agents, refetch } = query;
  const running = useMemo(() => agents?.flatMap((agent) => agent.runs) ?? [], [agents]);
  const names = useNamesOf(project, running);
  useEffect(() => {
    if (!isLive && isDue) void refetch();
  }, [isLive, isDue, refetch]);
  return (
    <section className="card sweep-agents" aria-label="Agents">
      <h2>
        Agents {agents && <span className="badge">{formatCount(agents.length)}</span>}
        <span className="grow" />
        <span className="meta">run the agent line on any machine to add one</span>
      </h2>
      {!agents ? (
        query.error ? (
          <Fault title="The agents could not be listed" error={query.error} />
        ) : (
          <SkeletonRows n={4} height={28} />
        )
      ) : agents.length === 0 ? (
        <p className="card-none">No agent has asked for a run yet.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
        <div className="scrolled" tabIndex={0} role="group" aria-label="Agents, scrolled">
          <table className="data-table" aria-label="Agents">
            <thead>
              <tr>
                <th className="of-agent">Agent</th>
                <th>Host</th>
                <th>Run now</th>
                <th className="number of-runs">Runs</th>
                <th className="of-state">State</th>
                <th className="number of-heartbeat">Heartbeat</th>
              </tr>
            </thead>
            <tbody>
              {agents.map((agent) => (
                <tr key={agent.id}>
                  <td title={agent.id}>agent-{agent.number}</td>
                  <td className="mono t2" title={`${agent.host}, process ${agent.pid}`}>
                    {agent.host}
                  </td>
                  <td>
                    <span className="row">
                      {agent.runs.map((run) => (
                        <Link
                          key={run}
                          to="/$entity/$project/runs/$run"
                          params={{ ...project, run }}
                          className="row"
                        >
                          <MidName name={names.get(run) ?? run} />
                        </Link>
                      ))}
                    </span>
                  </td>
                  <td className="number">{formatCount(agent.n_runs)}</td>
                  <td>
                    <SweepState state={agent.state} />
                  </td>
                  <td className="number t2">
                    <Ago micros={agent.heartbeat_micros} suffix=" ago" />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
