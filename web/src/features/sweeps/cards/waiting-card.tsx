/** The card of a sweep that waits for an agent, with the command that starts one. */

import type { Sweep } from "@/api/sweeps/sweeps";
import { formatCount } from "@/data/text/format";
import { nRuns } from "../sweep-words";
import { AgentLine } from "./agent-line";

export function WaitingCard({ sweep }: { sweep: Sweep }) {
  const nLeft = sweep.n_expected === null ? null : Math.max(0, sweep.n_expected - nRuns(sweep));
  return (
    <section className="card sweep-waiting" aria-label="Waiting for an agent">
      <p>
        <b>No agent is at work.</b>{" "}
        {nLeft === null || nLeft === 0
          ? "The sweep goes on"
          : `${formatCount(nLeft)} more ${nLeft === 1 ? "trial" : "trials"} can be handed out`}{" "}
        once an agent asks for one. Start it in the directory of your program:
      </p>
      <AgentLine sweep={sweep} />
    </section>
  );
}
