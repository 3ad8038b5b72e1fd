/** The start of a sweep's page before the first run, in place of its charts: how to start an agent. */

import type { Sweep } from "@/api/sweeps/sweeps";
import { AgentLine } from "./agent-line";

export function NoRunsCard({ sweep }: { sweep: Sweep }) {
  const isWaiting = sweep.state === "pending" || sweep.state === "running";
  return (
    <section className="card sweep-no-runs" aria-label="No runs yet">
      <h2>No runs yet</h2>
      <p>
        {isWaiting
          ? "Agents ask this sweep for parameters and run your code with them. Start one on any machine that reaches this server, in the directory of your program:"
          : `The sweep is ${sweep.state}. Resume it, then start an agent:`}
      </p>
      <AgentLine sweep={sweep} />
      <p className="muted">
        The charts of results, of each parameter and of what matters most appear here once runs have ended.
      </p>
    </section>
  );
}
