/** When and where a run ran, and how it belongs to others. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { sizesQuery, writersQuery } from "@/api/runs/run-details";
import { runEventsQuery } from "@/api/runs/run-events";
import { sweepQuery } from "@/api/sweeps/sweeps";
import { trialOfRunQuery } from "@/api/sweeps/trials";
import type { Run } from "@/api/types";
import { columnsOf, type Progress, progressOf, secondsLeft } from "@/data/runs/progress";
import { formatBytes, formatCount, formatDuration, formatExactly, formatNoun } from "@/data/text/format";
import { Fact, Facts } from "@/ui/cards/facts";
import { CopyButton } from "@/ui/controls/copy-button";
import { Ago, useNow } from "@/ui/text/ago";
import { Person, useHasAccounts } from "../../person";
import { Runtime } from "../../runtime";
import { RunsWith } from "../runs-with";
import { useShownRun } from "../shown-run";
import { Checkpoints } from "./checkpoints";
import { RunReason } from "./run-reason";
import { RunSize } from "./run-size";
import { RunWriters } from "./run-writers";

const REFRESH_MILLIS = 30_000;

/** A run that arrived later than this after it began was synced or imported: the card says when. */
const LATE_MICROS = 600 * 1e6;

export function RunCard() {
  const { project, run } = useShownRun();
  const hasAccounts = useHasAccounts();
  // nothing tells of these two when they change
  const refetchInterval = run.state === "running" ? REFRESH_MILLIS : false;
  const writers = useQuery({ ...writersQuery(project, run.id), refetchInterval }).data;
  const sizes = useQuery({ ...sizesQuery(project, run.id), refetchInterval }).data;
  const events = useQuery(runEventsQuery(project, [run.id])).data;
  const gaps = events?.filter(({ kind }) => kind === "gap") ?? [];
  const progress = run.state === "running" ? progressOf(columnsOf(run)) : null;
  return (
    <section className="card" aria-label="Run">
      <h2>Run</h2>
      <Facts>
        <Fact name="State">
          <StateWords run={run} />
        </Fact>
        {run.reason !== null && (
          <Fact name="Reason">
            <RunReason run={run} />
          </Fact>
        )}
        {progress && (
          <Fact name="Progress">
            <ProgressWords progress={progress} />
          </Fact>
        )}
        <Fact name="Created">
          <Ago micros={run.created_micros} suffix=" ago" />
        </Fact>
        {run.arrived_micros - run.created_micros > LATE_MICROS && (
          <Fact name="Arrived">
            <Ago micros={run.arrived_micros} suffix=" ago" />
          </Fact>
        )}
        {run.ended_micros !== null && (
          <Fact name="Ended">
            <Ago micros={run.ended_micros} suffix=" ago" />
          </Fact>
        )}
        <Fact name="Runtime">
          <span className="tn">
            <Runtime run={run} />
            {progress && <TimeLeft run={run} progress={progress} />}
          </span>
        </Fact>
        {run.fork && <Origin run={run} fork={run.fork} />}
        <Fact name="Run id" isMono>
          {run.id} <CopyButton text={run.id} label="Copy id" isIcon />
        </Fact>
        {run.sweep && <SweepFact run={run} sweep={run.sweep} />}
        {run.group && (
          <Fact name="Group">
            <RunsWith column="group" value={run.group} />
          </Fact>
        )}
        {run.job_type && (
          <Fact name="Job type">
            <RunsWith column="job_type" value={run.job_type} />
          </Fact>
        )}
        {run.user && (
          <Fact name="User">
            <RunsWith column="user" value={run.user}>
              <Person user={run.user} size="sm" />
            </RunsWith>
          </Fact>
        )}
        {hasAccounts && run.edited_by && (
          <Fact name="Edited by">
            <Person user={run.edited_by} size="sm" />
          </Fact>
        )}
        <Fact name="Writers">{writers ? <RunWriters writers={writers} /> : <span className="sk" />}</Fact>
        {gaps.length > 0 && (
          <Fact name="Gaps">
            <span className="tn">
              {formatCount(gaps.length)}{" "}
              <span className="muted">
                with{" "}
                {formatNoun(
                  gaps.reduce((sum, { nRows }) => sum + nRows, 0),
                  "lost row",
                )}
              </span>
            </span>
          </Fact>
        )}
        <Checkpoints run={run} />
        <Fact name="Size">
          {sizes ? (
            <span className="tn">
              <RunSize sizes={sizes} />{" "}
              {sizes.file_bytes > 0 && (
                <span className="muted">{formatBytes(sizes.file_bytes)} of it in files</span>
              )}
            </span>
          ) : (
            <span className="sk" />
          )}
        </Fact>
      </Facts>
    </section>
  );
}

/** Progress, while it runs. */
function ProgressWords({ progress: { part, count } }: { progress: Progress }) {
  return (
    <span className="row">
      <span className="meter">
        <i style={{ width: `${part * 100}%` }} />
      </span>
      {count ? `${formatCount(count.done)} / ${formatCount(count.end)}` : `${Math.floor(part * 100)} %`}
    </span>
  );
}

function TimeLeft({ run, progress }: { run: Run; progress: Progress }) {
  const now = useNow();
  const left = secondsLeft(progress, now / 1000 - run.runtime_from_micros / 1e6);
  return left === null ? null : <span className="muted"> about {formatDuration(left)} left</span>;
}

function StateWords({ run }: { run: Run }) {
  const { state, exit_code, heartbeat_micros, stopped_by } = run;
  if (stopped_by !== null) {
    const hasEnded = run.ended_micros !== null;
    return (
      <>
        {state}, {hasEnded ? "stopped by" : "asked to stop by"} {stopped_by}
      </>
    );
  }
  if (state === "failed" && exit_code !== null) return <>failed, exit code {exit_code}</>;
  if (state === "crashed" && heartbeat_micros !== null)
    return (
      <>
        crashed, last heard of <Ago micros={heartbeat_micros} suffix=" ago" />
      </>
    );
  if (state === "running" && heartbeat_micros !== null)
    return (
      <>
        running, heartbeat <Ago micros={heartbeat_micros} suffix=" ago" />
      </>
    );
  return <>{state}</>;
}

/** The sweep that started the run, and which of its trials it is. */
function SweepFact({ run, sweep: id }: { run: Run; sweep: string }) {
  const { project } = useShownRun();
  const { data: sweep, error } = useQuery({
    ...sweepQuery(project, id),
    refetchInterval: false,
    retry: false,
  });
  const trial = useQuery({ ...trialOfRunQuery(project, id, run.id), enabled: !!sweep }).data;
  if (error)
    return (
      <Fact name="Sweep" isMono>
        {id} <span className="muted">{error.message}</span>
      </Fact>
    );
  return (
    <Fact name="Sweep">
      <Link to="/$entity/$project/sweeps/$sweep" params={{ ...project, sweep: id }}>
        {sweep?.name || id}
      </Link>
      {trial && (
        <>
          ,{" "}
          <Link
            to="/$entity/$project/sweeps/$sweep"
            params={{ ...project, sweep: id }}
            search={{ search: run.id } as never}
            hash="trials"
            className="tn"
          >
            trial {trial.number}
          </Link>
        </>
      )}
    </Fact>
  );
}

/** The run that a fork, or a rewound run, continues. */
function Origin({ run, fork }: { run: Run; fork: NonNullable<Run["fork"]> }) {
  const step = fork.step === null ? "its end" : `step ${formatExactly(fork.step)}`;
  if (fork.run === run.id) return <Fact name="Rewound to">{step}</Fact>;
  const { entity, project } = run;
  return (
    <Fact name="Forked from">
      <Link to="/$entity/$project/runs/$run" params={{ entity, project, run: fork.run }} className="mono">
        {fork.run}
      </Link>{" "}
      <span className="muted tn">at {step}</span>
    </Fact>
  );
}
